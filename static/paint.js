// Paints small drawings on a canvas as the style sheet says: what moves on the stage while time
// flows. Each drawing is SVG without a root, of circles, rectangles, paths, texts and groups around
// the origin. It is painted once and then only copied, until the theme or the size changes.
//
// It knows nothing of messages. What it painted last stands in `canvas.painted`, for pictures.

/** How far a drawing reaches from the origin at least, and at most upwards and downwards. */
const REACH = 34;
/** Measures words without laying out the page. */
const ruler = new OffscreenCanvas(1, 1).getContext('2d');
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

function font(brush, style) {
  brush.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
}

function write(brush, it, style) {
  font(brush, style);
  brush.textAlign = style.textAnchor === 'middle' ? 'center' : 'left';
  const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = brush.measureText('');
  const down = style.dominantBaseline === 'central' ? (above - below) / 2 : 0;
  const at = [it.textContent, number(it, 'x'), number(it, 'y') + number(it, 'dy') + down];
  if (style.stroke !== 'none') brush.strokeText(...at);
  if (style.fill !== 'none') brush.fillText(...at);
}

function draw(brush, it) {
  const style = getComputedStyle(it);
  brush.save();
  brush.globalAlpha *= Number(style.opacity);
  brush.fillStyle = style.fill;
  brush.strokeStyle = style.stroke;
  brush.lineWidth = Number.parseFloat(style.strokeWidth);
  brush.lineCap = style.strokeLinecap;
  brush.lineJoin = style.strokeLinejoin;
  brush.setLineDash(style.strokeDasharray === 'none' ? [] : style.strokeDasharray.split(',').map(Number.parseFloat));
  if (it.localName === 'g') for (const child of it.children) draw(brush, child);
  else if (it.localName === 'text') write(brush, it, style);
  else {
    const path = outline(it);
    if (style.fill !== 'none') brush.fill(path);
    if (style.stroke !== 'none') brush.stroke(path);
  }
  brush.restore();
}

/** A canvas of its own for one drawing; `holder` is an empty drawing of the document. */
function sprite(holder, drawing, fine) {
  holder.innerHTML = `<g class="${kind(drawing)}">${drawing}</g>`;
  const ends = [...holder.querySelectorAll('text')].map(it => {
    font(ruler, getComputedStyle(it));
    return number(it, 'x') + ruler.measureText(it.textContent).width + 8;
  });
  const right = Math.max(REACH, ...ends);
  const canvas = new OffscreenCanvas(Math.ceil((REACH + right) * fine), Math.ceil(2 * REACH * fine));
  const brush = canvas.getContext('2d');
  brush.scale(fine, fine);
  brush.translate(REACH, REACH);
  draw(brush, holder.firstChild);
  holder.textContent = '';
  return canvas;
}

/** Paints `drawings`, a line each, at places: three numbers each, x and y in pixels and opacity. */
export function paint(canvas, [width, height, scale], drawings, places) {
  const pixels = devicePixelRatio;
  const look = [pixels, scale, document.documentElement.dataset.theme].join();
  if (canvas.look !== look) Object.assign(canvas, { look, sprites: new Map() });
  const [wide, high] = [Math.round(width * pixels), Math.round(height * pixels)];
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
  const brush = canvas.getContext('2d');
  brush.globalAlpha = 1;
  brush.clearRect(0, 0, wide, high);
  const lines = drawings.split('\n');
  lines.pop();
  // What is not drawn any more makes room by and by.
  if (canvas.sprites.size > 400) canvas.sprites.clear();
  lines.forEach((drawing, i) => {
    let made = canvas.sprites.get(drawing);
    if (!made) {
      made = sprite(canvas.nextElementSibling, drawing, scale * pixels);
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
