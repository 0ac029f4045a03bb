// Draws a part of the page as one self-contained SVG: boxes, text and icons of HTML become shapes,
// SVG inside of it is copied, and every colour is written out as it is on the screen. What it gives
// looks the same in a browser, an editor for drawings and a printed page.
//
// It knows nothing of servers or messages: whatever the page shows, it draws.

const NUMBER = 100;
const number = value => String(Math.round(value * NUMBER) / NUMBER);
const escape = text => text.replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
const attributes = map => Object.entries(map)
  .filter(([, value]) => value !== undefined && value !== null)
  .map(([name, value]) => ` ${name}="${escape(typeof value === 'number' ? number(value) : String(value))}"`)
  .join('');
const tag = (name, map, inside = '') =>
  inside === '' ? `<${name}${attributes(map)}/>` : `<${name}${attributes(map)}>${inside}</${name}>`;

// ---- colours: any CSS colour as a hexadecimal one and an opacity -------------------------------
const brush = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
const colours = new Map();
function colour(css) {
  if (!colours.has(css)) {
    brush.canvas.width = 1;
    brush.canvas.height = 1;
    brush.fillStyle = css;
    brush.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = brush.getImageData(0, 0, 1, 1).data;
    const hex = [r, g, b].map(part => part.toString(16).padStart(2, '0')).join('');
    colours.set(css, [`#${hex}`, a / 255]);
  }
  return colours.get(css);
}
function painted(kind, css) {
  const [hex, alpha] = colour(css);
  if (alpha === 0) return { [kind]: 'none' };
  return alpha === 1 ? { [kind]: hex } : { [kind]: hex, [`${kind}-opacity`]: alpha };
}
const pixels = css => Number.parseFloat(css) || 0;

/** Cuts at commas that stand outside of brackets. */
function parts(css) {
  const found = [''];
  let depth = 0;
  for (const c of css) {
    if (c === '(') depth += 1;
    if (c === ')') depth -= 1;
    if (c === ',' && depth === 0) found.push('');
    else found[found.length - 1] += c;
  }
  return found.map(part => part.trim()).filter(part => part !== '' && part !== 'none');
}

// ---- HTML: background, shadow, border, outline, text -------------------------------------------
class Drawing {
  constructor(origin) {
    this.origin = origin;
    this.definitions = [];
    this.later = [];
  }

  box(element) {
    const rect = element.getBoundingClientRect();
    return { x: rect.left - this.origin.x, y: rect.top - this.origin.y, width: rect.width, height: rect.height };
  }

  name(kind) {
    return `${kind}-${this.origin.prefix}${this.definitions.length}`;
  }

  /** Stripes: a repeating gradient with hard edges is a pattern. */
  stripes(gradient, { x, y }) {
    const [first, ...stops] = parts(gradient.slice(gradient.indexOf('(') + 1, -1));
    const edges = stops.flatMap(stop => {
      const [places] = stop.match(/(\s-?[\d.]+px)+$/) ?? [''];
      const ink = stop.slice(0, stop.length - places.length);
      return places.trim().split(/\s+/).map(at => ({ colour: ink, at: pixels(at) }));
    });
    const length = edges.at(-1).at;
    const id = this.name('stripes');
    const bars = edges.slice(0, -1).flatMap((edge, i) => {
      const width = edges[i + 1].at - edge.at;
      return width > 0 ? [tag('rect', { x: edge.at, width, height: length, ...painted('fill', edge.colour) })] : [];
    });
    const turn = `translate(${number(x)} ${number(y)}) rotate(${number(pixels(first) - 90)})`;
    this.definitions.push(tag('pattern', {
      id, width: length, height: length, patternUnits: 'userSpaceOnUse', patternTransform: turn,
    }, bars.join('')));
    return `url(#${id})`;
  }

  backgrounds(box, style) {
    const radius = Math.min(pixels(style.borderTopLeftRadius), box.height / 2, box.width / 2);
    const flat = pixels(style.borderBottomLeftRadius) < radius;
    const shape = { ...box, rx: radius || undefined };
    // Round at the top alone: the header of a plate.
    const outline = `M${number(box.x)} ${number(box.y + box.height)}v${number(radius - box.height)}` +
      `q0 ${number(-radius)} ${number(radius)} ${number(-radius)}h${number(box.width - 2 * radius)}` +
      `q${number(radius)} 0 ${number(radius)} ${number(radius)}v${number(box.height - radius)}z`;
    const fill = paint => flat ? tag('path', { d: outline, ...paint }) : tag('rect', { ...shape, ...paint });
    const out = [];
    if (colour(style.backgroundColor)[1] > 0) out.push(fill(painted('fill', style.backgroundColor)));
    for (const image of parts(style.backgroundImage)) {
      if (image.startsWith('repeating-linear-gradient')) out.push(fill({ fill: this.stripes(image, box) }));
    }
    return out;
  }

  /** Rings: a shadow without blur is a line around or inside of the box. */
  rings(box, style) {
    const out = [];
    for (const shadow of parts(style.boxShadow)) {
      const lengths = shadow.match(/-?[\d.]+px/g).map(pixels);
      const [, , blur, spread] = lengths;
      if (blur > 0 || !(spread > 0)) continue;
      const grown = shadow.includes('inset') ? -spread / 2 : spread / 2;
      const paint = painted('stroke', shadow.replace(/-?[\d.]+px|inset/g, '').trim());
      out.push(this.line(box, grown, pixels(style.borderTopLeftRadius), spread, 'solid', paint));
    }
    return out;
  }

  line(box, grown, radius, width, kind, paint) {
    const dashes = { dashed: `${number(width * 2.4)} ${number(width * 1.8)}`, dotted: `${number(width)} ${number(width * 1.4)}` };
    return tag('rect', {
      x: box.x - grown, y: box.y - grown,
      width: Math.max(box.width + 2 * grown, 0), height: Math.max(box.height + 2 * grown, 0),
      rx: Math.min(Math.max(radius + grown, 0), box.height / 2 + grown) || undefined,
      fill: 'none', 'stroke-width': width, 'stroke-dasharray': dashes[kind], ...paint,
    });
  }

  borders(box, style, focused) {
    const sides = ['Top', 'Right', 'Bottom', 'Left'].map(side => ({
      side, width: pixels(style[`border${side}Width`]), kind: style[`border${side}Style`], colour: style[`border${side}Color`],
    })).filter(it => it.width > 0 && it.kind !== 'none' && colour(it.colour)[1] > 0);
    const same = sides.length === 4 && sides.every(it => it.width === sides[0].width && it.colour === sides[0].colour);
    const out = [];
    if (same) {
      const { width, kind, colour: ink } = sides[0];
      out.push(this.line(box, -width / 2, pixels(style.borderTopLeftRadius), width, kind, painted('stroke', ink)));
    } else {
      for (const { side, width, kind, colour: ink } of sides) {
        const half = width / 2;
        const [x1, x2] = side === 'Left' ? [half, half] : side === 'Right' ? [box.width - half, box.width - half] : [0, box.width];
        const [y1, y2] = side === 'Top' ? [half, half] : side === 'Bottom' ? [box.height - half, box.height - half] : [0, box.height];
        const dashes = kind === 'dashed' ? `${number(width * 2.4)} ${number(width * 1.8)}` : kind === 'dotted' ? number(width) : undefined;
        out.push(tag('line', {
          x1: box.x + x1, x2: box.x + x2, y1: box.y + y1, y2: box.y + y2,
          'stroke-width': width, 'stroke-dasharray': dashes, ...painted('stroke', ink),
        }));
      }
    }
    const outline = pixels(style.outlineWidth);
    // Where the keyboard stands is no part of the picture.
    if (outline > 0 && !focused && style.outlineStyle !== 'none' && style.outlineStyle !== 'auto') {
      const grown = pixels(style.outlineOffset) + outline / 2;
      out.push(this.line(box, grown, pixels(style.borderTopLeftRadius), outline, style.outlineStyle, painted('stroke', style.outlineColor)));
    }
    return out;
  }

  /** A text node, one text element a line. */
  text(node, style) {
    const lines = [];
    const range = document.createRange();
    let end = 0;
    // A Chinese text may break after each letter, others between words.
    for (const word of node.data.matchAll(/[\u2e80-\uffff]|[^\s\u2e80-\uffff]+/g)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const rect = range.getBoundingClientRect();
      if (rect.width === 0) continue;
      const line = lines.at(-1);
      const blank = end < word.index ? ' ' : '';
      end = word.index + word[0].length;
      if (line && Math.abs(line.top - rect.top) < 2) {
        line.words += blank + word[0];
        line.right = rect.right;
      } else {
        lines.push({ words: word[0], left: rect.left, right: rect.right, top: rect.top, height: rect.height });
      }
    }
    brush.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const measure = brush.measureText('x');
    const share = measure.fontBoundingBoxAscent / (measure.fontBoundingBoxAscent + measure.fontBoundingBoxDescent);
    const underlined = style.textDecorationLine.includes('underline') ? 'underline' : undefined;
    return lines.map(line => tag('text', {
      x: line.left - this.origin.x, y: line.top - this.origin.y + line.height * share,
      'font-family': style.fontFamily, 'font-size': pixels(style.fontSize), 'font-weight': style.fontWeight,
      'letter-spacing': pixels(style.letterSpacing) || undefined, 'text-decoration': underlined,
      textLength: line.right - line.left, ...painted('fill', style.color),
    }, escape(line.words)));
  }

  clip(box, inside) {
    const id = this.name('clip');
    this.definitions.push(tag('clipPath', { id }, tag('rect', { ...box, height: box.height + 2 })));
    return tag('g', { 'clip-path': `url(#${id})` }, inside);
  }

  element(element) {
    const style = getComputedStyle(element);
    if (style.display === 'none' || style.visibility === 'hidden' || style.opacity === '0') return '';
    const box = this.box(element);
    if (element instanceof SVGSVGElement) return this.nested(element, box);
    if (element instanceof HTMLCanvasElement) return this.canvas(element, box);
    if (style.clipPath !== 'none' && box.width <= 1) return '';
    const out = [...this.backgrounds(box, style), ...this.rings(box, style), ...this.borders(box, style, element.matches(':focus-visible'))];
    for (const child of element.childNodes) {
      if (child instanceof Text) out.push(...this.text(child, style));
      if (!(child instanceof Element)) continue;
      const layer = Number.parseInt(getComputedStyle(child).zIndex, 10);
      if (Number.isNaN(layer)) out.push(this.element(child));
      else this.later.push({ layer, child });
    }
    const inside = out.join('');
    if (inside === '') return '';
    const opacity = style.opacity === '1' ? undefined : style.opacity;
    const cut = style.overflowX === 'hidden' && element.scrollWidth > element.clientWidth + 1;
    const drawn = cut ? this.clip(box, inside) : inside;
    return opacity === undefined ? drawn : tag('g', { opacity }, drawn);
  }

  /** What is painted: as the drawings that it was painted from, if it can tell. */
  canvas(element, box) {
    if (!element.painted) return tag('image', { ...box, href: element.toDataURL() });
    const holder = element.nextElementSibling;
    holder.innerHTML = element.painted();
    const drawn = this.nested(holder, box);
    holder.textContent = '';
    return drawn;
  }

  /** The element, then what lies above it, lowest layer first. */
  whole(element) {
    let drawn = this.element(element);
    while (this.later.length > 0) {
      const layers = this.later.sort((a, b) => a.layer - b.layer);
      this.later = [];
      drawn += layers.map(({ child }) => this.element(child)).join('');
    }
    return drawn;
  }

  // ---- SVG: a copy with every paint and font written out ---------------------------------------
  nested(svg, box) {
    const inside = [...svg.children].map(child => vector(child, {})).join('');
    if (inside === '' || box.width === 0) return '';
    const seen = getComputedStyle(svg).overflow === 'hidden' ? 'hidden' : 'visible';
    return tag('svg', { ...box, viewBox: svg.getAttribute('viewBox'), overflow: seen }, inside);
  }
}

const INHERITED = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin',
  'stroke-opacity', 'fill-opacity', 'paint-order', 'font-family', 'font-size', 'font-weight', 'letter-spacing',
  'text-anchor', 'dominant-baseline'];
const OWN = ['opacity'];
const USUAL = { opacity: '1', 'stroke-opacity': '1', 'fill-opacity': '1', 'paint-order': 'normal', 'letter-spacing': 'normal' };
const NAMED = new Set(['pattern', 'clipPath', 'linearGradient', 'radialGradient', 'marker', 'mask']);
const GEOMETRY = /^(x|y|x1|x2|y1|y2|cx|cy|r|rx|ry|d|dx|dy|width|height|points|transform|viewBox|pathLength|clip-path|pattern(Units|Transform)|gradient(Units|Transform)|offset|preserveAspectRatio|textLength|lengthAdjust)$/;

function looks(style, inherited) {
  const look = {};
  const own = {};
  for (const name of [...INHERITED, ...OWN]) {
    let value = style.getPropertyValue(name);
    if (name === 'fill' || name === 'stroke') {
      if (value.startsWith('url(')) value = value.replace(/url\("?([^")]*)"?\).*/, 'url($1)');
      else if (value !== 'none') {
        const [hex, alpha] = colour(value);
        value = alpha === 0 ? 'none' : hex;
      }
    }
    look[name] = value;
    if ((OWN.includes(name) ? USUAL[name] : inherited[name] ?? USUAL[name]) !== value) own[name] = value;
  }
  return [look, own];
}

function vector(element, inherited) {
  const style = getComputedStyle(element);
  if (style.display === 'none' && !element.closest('defs')) return '';
  const [look, own] = looks(style, inherited);
  const map = own;
  for (const { name, value } of element.attributes) if (GEOMETRY.test(name)) map[name] = value;
  if (NAMED.has(element.localName)) map.id = element.id;
  if (element.localName === 'use') return used(element, look);
  const hollow = look.fill === 'none' && look.stroke === 'none';
  if (hollow && element.children.length === 0 && element.localName !== 'text') return '';
  const inside = [...element.childNodes].map(child => {
    if (child instanceof Text) return element.localName === 'text' || element.localName === 'tspan' ? escape(child.data) : '';
    return child instanceof Element ? vector(child, look) : '';
  }).join('');
  if (element.localName === 'g' && inside === '') return '';
  return tag(element.localName, map, inside);
}

/** An icon of the page's sheet, drawn where it is used. */
function used(use, look) {
  const symbol = document.querySelector(use.getAttribute('href'));
  if (!symbol) return '';
  const ink = colour(getComputedStyle(use).color)[0];
  const copy = node => tag(node.localName, Object.fromEntries([...node.attributes]
    .map(({ name, value }) => [name, value === 'currentColor' ? ink : value])), [...node.children].map(copy).join(''));
  const box = use.ownerSVGElement.viewBox.baseVal;
  const side = name => use.getAttribute(name);
  return tag('svg', {
    x: side('x') ?? undefined, y: side('y') ?? undefined, viewBox: symbol.getAttribute('viewBox'),
    width: side('width') ?? (box?.width || '100%'), height: side('height') ?? (box?.height || '100%'),
    ...Object.fromEntries(INHERITED.slice(0, 6).map(name => [name, look[name]])),
  }, [...symbol.children].map(copy).join(''));
}

// ---- whole pictures ----------------------------------------------------------------------------
function backdrop(element) {
  for (let at = element; at; at = at.parentElement) {
    const css = getComputedStyle(at).backgroundColor;
    if (colour(css)[1] > 0) return painted('fill', css);
  }
  return {};
}

/** One element of the page at a place of a picture. */
function placed(element, x, y, prefix) {
  const rect = element.getBoundingClientRect();
  const drawing = new Drawing({ x: rect.left - x, y: rect.top - y, prefix });
  const ground = tag('rect', { x, y, width: rect.width, height: rect.height, ...backdrop(element) });
  const whole = drawing.clip({ x, y, width: rect.width, height: rect.height }, ground + drawing.whole(element));
  return tag('defs', {}, drawing.definitions.join('')) + whole;
}

function sheet(width, height, title, inside, ground) {
  const map = { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${number(width)} ${number(height)}` };
  return tag('svg', map, `<title>${escape(title)}</title>${tag('rect', { width, height, ...ground })}${inside}`);
}

const CAPTION = 44;

/** `stage`, `diagram`, or `view`: both, with the sentence of the moment between them. */
export function picture(what) {
  const stage = document.getElementById('stage');
  const diagram = document.getElementById('diagram');
  const say = document.getElementById('say')?.textContent ?? '';
  const now = document.getElementById('now')?.textContent ?? '';
  const shown = [what === 'diagram' ? null : stage, what === 'stage' ? null : diagram]
    .filter(it => it && it.getBoundingClientRect().height > 0);
  const rects = shown.map(it => it.getBoundingClientRect());
  const width = Math.max(...rects.map(rect => rect.width));
  const body = getComputedStyle(document.body);
  let y = 0;
  const pieces = shown.map((element, i) => {
    const piece = placed(element, (width - rects[i].width) / 2, y, `${element.id}-`);
    y += rects[i].height;
    if (i > 0 || shown.length < 2) return piece;
    const caption = tag('text', {
      x: 16, y: y + CAPTION / 2 + 5, 'font-family': body.fontFamily, 'font-size': 16, ...painted('fill', body.color),
    }, `<tspan font-weight="600">${escape(now)}</tspan><tspan dx="12">${escape(say)}</tspan>`);
    y += CAPTION;
    return piece + caption;
  });
  return { svg: sheet(width, y, `Vivarium, ${now}: ${say}`, pieces.join(''), backdrop(stage)), width, height: y };
}

/** The same as pixels, twice as fine as the screen. */
export async function pixelled({ svg, width, height }) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * 2);
  canvas.height = Math.round(height * 2);
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, failed) => canvas.toBlob(blob => blob ? done(blob) : failed(new Error('no picture')), 'image/png'));
}

/** For paper: the view in the light colours, whatever the screen shows. */
export function onPaper() {
  const root = document.documentElement;
  const theme = root.dataset.theme;
  root.dataset.still = 'on';
  root.dataset.theme = 'light';
  const { svg } = picture('view');
  root.dataset.theme = theme;
  delete root.dataset.still;
  return svg;
}
