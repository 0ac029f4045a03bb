// Starts the page: loads the WebAssembly module, hands its tools to curious people under
// `window.vivarium`, and says so plainly when something fails. Nothing else is written by hand here.

const notice = document.getElementById('notice');

function stopped(why) {
  if (!notice.hidden) return;
  document.getElementById('notice-why').textContent = String(why);
  notice.hidden = false;
  document.getElementById('notice-reload').focus();
}

document.getElementById('notice-reload').addEventListener('click', () => location.reload());
// A panic in the module ends every later call with an error: tell the visitor once.
window.addEventListener('error', event => { if (event.error) stopped(event.message); });
window.addEventListener('unhandledrejection', event => stopped(event.reason));

// The reader's own choice from last time, before the first picture, so that nothing flashes.
const wanted = name => {
  try { return localStorage.getItem(`vivarium.${name}`); } catch { return null; }
};
const theme = wanted('theme') ?? (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark');
document.documentElement.dataset.theme = theme === 'light' ? 'light' : 'dark';

try {
  const page = await import('/pkg/vivarium_web.js');
  await page.default({ module_or_path: '/pkg/vivarium_web_bg.wasm' });
  window.vivarium = {
    state: page.state,
    hash: page.hash,
    frames: page.frames,
    link: page.link,
    seek: page.seek,
    replay: page.replay,
  };
} catch (why) {
  stopped(why);
}
