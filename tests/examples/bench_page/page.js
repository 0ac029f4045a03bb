// Runs in every page before its own scripts: notes when the page can be used, what each picture
// costs, and where the module's memory is.
(() => {
  const bench = window.bench = { usable: null, memory: null, pictures: [] };
  const watch = new MutationObserver(() => {
    if (bench.usable === null && window.vivarium && document.querySelector('#plates .card')) {
      bench.usable = performance.now();
      watch.disconnect();
    }
  });
  watch.observe(document, { childList: true, subtree: true, attributes: true });
  // The module is handed over after the first drawing, which nothing but this tells.
  let vivarium;
  Object.defineProperty(window, 'vivarium', {
    configurable: true,
    get: () => vivarium,
    set: value => {
      vivarium = value;
      if (document.querySelector('#plates .card')) bench.usable ??= performance.now();
    },
  });
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (...given) => {
      const result = await original.apply(WebAssembly, given);
      // A later file brings code and uses the memory of the first.
      bench.memory ??= (result.instance ?? result).exports.memory;
      return result;
    };
  }
  // From the start of a picture's script until style, layout and painting are done as well.
  const after = new MessageChannel();
  let open = null;
  after.port1.onmessage = () => {
    if (open) bench.pictures.push({ ...open, whole: performance.now() - open.start });
    open = null;
  };
  const request = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = call => request(at => {
    const start = performance.now();
    call(at);
    // What the call left to microtasks runs before a task can; three turns let it come to rest.
    Promise.resolve().then(() => 0).then(() => 0).then(() => {
      open = { at, start, script: performance.now() - start };
      after.port2.postMessage(0);
    });
  });
})();
