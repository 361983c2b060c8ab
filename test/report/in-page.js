// What tests ask of a page, as functions that run inside it: plain JavaScript, since tests are typed without a document.

/** Pixels by which the page is wider than its window. */
function overflow() {
  return document.documentElement.scrollWidth - window.innerWidth;
}

function openAll() {
  for (const details of document.querySelectorAll('details')) details.open = true;
}

/** Place of an element on the window. */
function boxOf(element) {
  const { x, y, width, height } = element.getBoundingClientRect();
  return { x, y, width, height };
}

/** The plots that are not behind a closed disclosure. */
function visiblePlots() {
  return [...document.querySelectorAll('figure')]
    .map((figure) => ({ id: figure.id.replace('figure-', ''), box: boxOf(figure.querySelector('svg')) }))
    .filter(({ box }) => box.height > 0);
}

/** The texts of each plot. */
function textsOfPlots() {
  return [...document.querySelectorAll('svg')].map((svg) =>
    [...svg.querySelectorAll('text')].map((text) => ({
      id: `${svg.querySelector('title').textContent}: ${text.textContent}`,
      box: boxOf(text),
    })),
  );
}

/** Every value that carries itself. */
function shownValues() {
  return [...document.querySelectorAll('data')].map((one) => ({
    path: one.dataset.path,
    value: one.value,
    text: one.textContent,
  }));
}

function luminance(colour) {
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = colour;
  const [r, g, b] = getComputedStyle(probe)
    .color.match(/[\d.]+/g)
    .map((part) => {
      const share = Number(part) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
  probe.remove();
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Luminance of the background, and contrasts of the colours with the surface of figures (WCAG 2). */
function contrasts() {
  const surface = luminance('var(--surface)');
  const series = [1, 2, 3, 4, 5, 6].map((n) => `--series-${n}`);
  return {
    background: luminance(getComputedStyle(document.body).backgroundColor),
    ratios: ['--ink', '--muted', '--accent', ...series].map((name) => {
      const own = luminance(`var(${name})`);
      return { name, ratio: (Math.max(own, surface) + 0.05) / (Math.min(own, surface) + 0.05) };
    }),
  };
}

function focused() {
  const { activeElement } = document;
  return {
    id: activeElement.id,
    text: activeElement.textContent,
    outline: getComputedStyle(activeElement).outlineWidth,
  };
}

/** What a screen reader goes by. */
function outline() {
  const named = (svg) =>
    svg
      .getAttribute('aria-labelledby')
      .split(' ')
      .every((id) => document.getElementById(id)?.textContent);
  return {
    language: document.documentElement.lang,
    landmarks: ['header', 'nav', 'main', 'footer'].map((name) => document.querySelectorAll(name).length),
    levels: [...document.querySelectorAll('h1, h2, h3')].map((heading) => Number(heading.tagName[1])),
    unscoped: document.querySelectorAll('th:not([scope])').length,
    untitledTables: [...document.querySelectorAll('table')].filter((table) => table.caption === null).length,
    unnamedPlots: [...document.querySelectorAll('svg')].filter((svg) => !named(svg)).length,
    ids: [...document.querySelectorAll('[id]')].map(({ id }) => id),
  };
}

globalThis.inPage = {
  ...{ overflow, openAll, visiblePlots, textsOfPlots, shownValues, contrasts, focused, outline },
};
