// Paints small drawings on a canvas as the style sheet says: what moves on the stage while time
// flows. Each drawing is SVG without a root, of circles, rectangles, paths, texts and groups around
// the origin, with nothing inside of a text but words. It is painted once and then only copied, until the theme or the size changes.
//
// It knows nothing of messages. What it painted last stands in `canvas.painted`, for pictures.

/** How far a drawing reaches from the origin at least, and at most upwards and downwards. */
const REACH = 34;
const number = (it, name) => Number(it.getAttribute(name));

/** The class of what holds a drawing: names of messages have a font of their own. */
const kind = drawing => drawing.startsWith('<text') ? '' : 'glyph';

function outline(it) {
  const path = new Path2D(it.getAttribute('d') ?? '');
  if (it.localName === 'circle') path.arc(0, 0, number(it, 'r'), 0, 7);
  if (it.localName === 'rect') {
    path.roundRect(...['x', 'y', 'width', 'height', 'rx'].map(name => number(it, name)));
  }
  return path;
}

/** What of an element says how it is painted. */
const SAID = ['class', 'fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'font-size', 'opacity'];

/**
 * How an element is painted. The style sheet is asked once for each way and not for each element:
 * every time it is asked, the browser has to lay out what has changed in this picture.
 */
function styleOf(it, { holder, styles, kind }) {
  const key = [kind, it.localName, ...SAID.map(name => it.getAttribute(name))].join();
  if (!styles.has(key)) {
    holder.innerHTML = `<g class="${kind}">${it.cloneNode(true).outerHTML}</g>`;
    const style = getComputedStyle(holder.firstChild.firstChild);
    const dashes = style.strokeDasharray;
    styles.set(key, {
      look: {
        fillStyle: style.fill, strokeStyle: style.stroke, lineWidth: Number.parseFloat(style.strokeWidth),
        lineCap: style.strokeLinecap, lineJoin: style.strokeLinejoin,
        font: `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`,
        textAlign: style.textAnchor === 'middle' ? 'center' : 'left',
      },
      dashes: dashes === 'none' ? [] : dashes.split(',').map(Number.parseFloat),
      opacity: Number(style.opacity),
      central: style.dominantBaseline === 'central',
    });
    holder.textContent = '';
  }
  return styles.get(key);
}

/** Paints words or an outline, whatever of it has a colour; the line lies under the words. */
function fill(brush, it, { look, central }) {
  const words = it.localName === 'text';
  const outlined = words ? null : outline(it);
  if (look.fillStyle !== 'none' && !words) brush.fill(outlined);
  let at = [];
  if (words) {
    const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = brush.measureText('');
    const down = central ? (above - below) / 2 : 0;
    at = [it.textContent, number(it, 'x'), number(it, 'y') + number(it, 'dy') + down];
  }
  if (look.strokeStyle !== 'none') words ? brush.strokeText(...at) : brush.stroke(outlined);
  if (look.fillStyle !== 'none' && words) brush.fillText(...at);
}

function draw(brush, it, from) {
  const style = styleOf(it, from);
  brush.save();
  brush.globalAlpha *= style.opacity;
  Object.assign(brush, style.look);
  brush.setLineDash(style.dashes);
  if (it.localName === 'g') for (const child of it.children) draw(brush, child, from);
  else fill(brush, it, style);
  brush.restore();
}

/** A canvas of its own for one drawing. */
function sprite(drawing, from, fine) {
  const root = document.createElementNS('http://www.w3.org/2000/svg', 'g');
  root.innerHTML = drawing;
  const canvas = new OffscreenCanvas(1, 1);
  const brush = canvas.getContext('2d');
  const ends = [...root.querySelectorAll('text')].map(it => {
    Object.assign(brush, styleOf(it, from).look);
    return number(it, 'x') + brush.measureText(it.textContent).width + 8;
  });
  canvas.width = Math.ceil((REACH + Math.max(REACH, ...ends)) * fine);
  canvas.height = Math.ceil(2 * REACH * fine);
  brush.scale(fine, fine);
  brush.translate(REACH, REACH);
  for (const child of root.children) draw(brush, child, from);
  return canvas;
}

/** Paints `drawings`, a line each, at places: three numbers each, x and y in pixels and opacity. */
export function paint(canvas, [width, height, scale], drawings, places) {
  const pixels = devicePixelRatio;
  const look = [pixels, scale, document.documentElement.dataset.theme].join();
  if (canvas.look !== look) Object.assign(canvas, { look, sprites: new Map(), styles: new Map() });
  const [wide, high] = [Math.round(width * pixels), Math.round(height * pixels)];
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
  const brush = canvas.getContext('2d');
  brush.globalAlpha = 1;
  brush.clearRect(0, 0, wide, high);
  const lines = drawings.split('\n');
  lines.pop();
  // What is not drawn any more makes room by and by.
  if (canvas.sprites.size > 400) canvas.sprites.clear();
  const { styles, nextElementSibling: holder } = canvas;
  lines.forEach((drawing, i) => {
    let made = canvas.sprites.get(drawing);
    if (!made) {
      made = sprite(drawing, { holder, styles, kind: kind(drawing) }, scale * pixels);
      canvas.sprites.set(drawing, made);
    }
    const reach = REACH * scale;
    brush.globalAlpha = places[3 * i + 2];
    brush.drawImage(made, (places[3 * i] - reach) * pixels, (places[3 * i + 1] - reach) * pixels);
  });
  canvas.painted = () => lines.map((drawing, i) =>
    `<g class="${kind(drawing)}" opacity="${places[3 * i + 2]}" ` +
    `transform="translate(${places[3 * i]} ${places[3 * i + 1]}) scale(${scale})">${drawing}</g>`).join('');
}
