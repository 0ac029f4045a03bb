// What leaves the page and what comes back as a file: saving, copying, opening a trace. Loaded only
// when somebody asks for it. What is in a text file the page's own code has written already.

const here = new URL(import.meta.url).search;
const TYPES = {
  json: 'application/json', log: 'text/plain', mmd: 'text/vnd.mermaid', html: 'text/html',
  svg: 'image/svg+xml', png: 'image/png',
};

function save(name, blob) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download has its own hold on the bytes once it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Saves or copies one thing: `stage`, `diagram`, `view` are drawn, anything else is `text`. */
export async function takeAway(what, how, name, text) {
  const ending = name.slice(name.lastIndexOf('.') + 1);
  const type = TYPES[ending] ?? 'text/plain';
  let content = text;
  if (ending === 'svg' || ending === 'png') {
    const { picture, pixelled } = await import(`./picture.js${here}`);
    const drawn = picture(what);
    content = ending === 'png' ? await pixelled(drawn) : drawn.svg;
  }
  if (how === 'save') save(name, content instanceof Blob ? content : new Blob([content], { type }));
  else if (content instanceof Blob) await navigator.clipboard.write([new ClipboardItem({ [type]: content })]);
  else await navigator.clipboard.writeText(content);
}

/** The link and the hash in a trace's file, or `!` and why it is refused. */
export async function openTrace(source) {
  const file = (source.files ?? source)[0];
  if (!file) return '';
  let trace;
  try {
    trace = JSON.parse(await file.text());
  } catch {
    return '!foreign';
  }
  if (trace?.format !== 'vivarium-trace' || typeof trace.link !== 'string') return '!foreign';
  return trace.version === 1 ? `${trace.link} ${trace.hash}` : '!newer';
}
