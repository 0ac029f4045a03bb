// The page within another page: what the other page may ask by postMessage, and what it is told.
// docs/embed.md is the description. Only the page that holds the frame is listened to; an address
// with `?origin=https://…` listens to, and tells, that origin alone.

const VERSION = 1;
const wanted = new URLSearchParams(location.search).get('origin');
const outside = window.parent === window ? null : window.parent;
let asker = wanted ?? '*';

const tell = message => outside?.postMessage({ vivarium: VERSION, ...message }, asker);

const simple = new Set(['play', 'pause', 'toggle', 'step', 'back', 'next', 'previous', 'start', 'end']);

/** Does what was asked; the reason if it can't. */
function act(page, { do: what, step, ms, link, lang, theme, until }) {
  if (simple.has(what)) return page.perform(what, 0) ? null : `${what} is not known`;
  if (what === 'seek' && Number.isFinite(step)) return page.perform('seek-step', step) ? null : 'refused';
  if (what === 'seek' && Number.isFinite(ms)) return page.perform('seek-ms', ms) ? null : 'refused';
  if (what === 'until' && Number.isInteger(until)) return page.perform('until', until) ? null : 'until is a number from 1 to 4';
  if (what === 'open' && typeof link === 'string') {
    location.hash = link.slice(link.indexOf('#') + 1);
    return null;
  }
  if (what === 'language') return page.perform('language', lang === 'zh' ? 1 : 0) ? null : 'refused';
  if (what === 'theme' && (theme === 'dark' || theme === 'light')) {
    document.documentElement.dataset.theme = theme;
    return null;
  }
  return what === 'state' ? null : 'this is no request of Vivarium, see docs/embed.md';
}

/** Starts to listen; `page` is the WebAssembly module. */
export function embed(page) {
  const state = () => {
    const { position, recorded, at, playing, hash, leader } = page.state();
    const sentence = document.getElementById('say')?.textContent ?? '';
    return { position, recorded, at, playing, hash, leader, sentence, link: location.hash.slice(1) };
  };
  let due = false;
  const changed = () => {
    if (due) return;
    due = true;
    // The page draws first, so that the sentence is that of the state.
    requestAnimationFrame(() => {
      due = false;
      tell({ event: 'state', ...state() });
    });
  };
  document.addEventListener('vivarium', changed);
  window.addEventListener('message', ({ source, origin, data }) => {
    if (source !== outside || (wanted && origin !== wanted)) return;
    if (data?.vivarium !== VERSION) return;
    // An opaque origin ("null", as of a file or a sandbox) cannot be named as a target.
    asker = wanted ?? (origin === 'null' ? '*' : origin);
    const why = act(page, data);
    if (why) tell({ event: 'refused', why, request: data.do ?? null });
    else if (data.do === 'state') tell({ event: 'state', ...state() });
  });
  const whole = document.createElement('a');
  whole.id = 'whole';
  whole.className = 'btn line';
  whole.target = '_blank';
  whole.rel = 'noopener';
  whole.textContent = 'Vivarium ↗';
  const follow = () => { whole.href = `/${location.hash}`; };
  for (const event of ['pointerdown', 'focus', 'keydown']) whole.addEventListener(event, follow);
  follow();
  // What the page is, for those who go by headings and landmarks.
  const place = document.createElement('nav');
  const name = document.createElement('h1');
  name.className = 'sr';
  name.textContent = document.title;
  place.append(name, whole);
  document.body.append(place);
  tell({ event: 'ready' });
  changed();
}
