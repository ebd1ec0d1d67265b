/** A cell of the grid: the picture of an image and its name. */
import type { GridImage } from '../json-answers.js';

export function fillCell(link: HTMLAnchorElement, image: GridImage): void {
  link.href = image.address;
  link.classList.remove('loading');
  const picture = image.sha256 === null ? withoutPicture(image) : pictureOf(image.sha256, image);
  const name = document.createElement('bdi');
  name.className = 'tile-name';
  name.textContent = image.name;
  link.replaceChildren(picture, name);
  if (image.sha256 !== null && image.state !== 'stored') {
    const state = document.createElement('span');
    state.className = 'tile-note';
    state.textContent = image.code ?? image.state;
    link.append(state);
  }
}

/** The name stands below the picture, so the picture itself needs no text. */
function pictureOf(sha256: string, image: GridImage): HTMLElement {
  const picture = new Image();
  picture.alt = '';
  picture.decoding = 'async';
  picture.src = `/preview/${sha256}`;
  picture.addEventListener('error', () => {
    picture.replaceWith(withoutPicture({ ...image, code: image.file ?? 'cannot be shown' }));
  });
  return picture;
}

function withoutPicture({ state, code }: GridImage): HTMLElement {
  const box = document.createElement('span');
  box.className = 'no-picture';
  box.textContent = code ?? (state === 'no_url' ? 'no URL' : state);
  return box;
}
