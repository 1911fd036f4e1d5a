"use strict";

// Without this script, the page is one of links. With it, pictures and videos open in the page.
const [lightbox, picture, video, name, taken, unshown, previous, next, close] = [
  "lightbox", "picture", "video", "name", "taken", "unshown", "previous", "next", "close",
].map((id) => document.getElementById(id));
const favorites = document.getElementById("favorites");
let current = null;

const shown = (what) =>
  [...document.querySelectorAll(favorites?.checked ? `main .favorite ${what}` : `main ${what}`)];

const empty = () => {
  video.pause();
  video.removeAttribute("src");
  video.load();
  picture.removeAttribute("src");
};

const show = (tile) => {
  if (!tile || tile === current) return;
  current = tile;
  empty();
  const isVideo = tile.dataset.view === "video";
  picture.hidden = isVideo;
  video.hidden = !isVideo;
  unshown.hidden = true;
  picture.alt = tile.title;
  (isVideo ? video : picture).src = tile.href;
  name.textContent = tile.title;
  name.href = tile.href;
  taken.textContent = tile.dataset.taken ?? "";
  const tiles = shown("[data-view]");
  previous.disabled = tile === tiles.at(0);
  next.disabled = tile === tiles.at(-1);
  if (!lightbox.open) lightbox.showModal();
};

const step = (by) => {
  const tiles = shown("[data-view]");
  show(tiles[tiles.indexOf(current) + by]);
};

// A type of picture that the browser does not know still has its thumbnail.
picture.addEventListener("error", () => {
  const thumbnail = current?.querySelector("img")?.src;
  if (thumbnail && picture.src !== thumbnail) picture.src = thumbnail;
  unshown.hidden = false;
});
video.addEventListener("error", () => {
  unshown.hidden = !video.hasAttribute("src");
});

document.querySelector("main").addEventListener("click", (event) => {
  const tile = event.target.closest("[data-view]");
  if (!tile || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  show(tile);
});
lightbox.addEventListener("close", () => {
  empty();
  current?.focus();
  current = null;
});
previous.addEventListener("click", () => step(-1));
next.addEventListener("click", () => step(1));
close.addEventListener("click", () => lightbox.close());

// The tile in the next row, or the one before, in the same column or else at the end of the row.
const neighbour = (tiles, tile, by) => {
  const box = tile.getBoundingClientRect();
  const isBeyond = (other) => {
    const { left, top } = other.getBoundingClientRect();
    return top !== box.top && (left - box.left) * by > -1;
  };
  const rest = by > 0 ? tiles.slice(tiles.indexOf(tile)) : tiles.slice(0, tiles.indexOf(tile)).reverse();
  return rest.find(isBeyond);
};

const goals = {
  ArrowLeft: (tiles, tile) => tiles[tiles.indexOf(tile) - 1],
  ArrowRight: (tiles, tile) => tiles[tiles.indexOf(tile) + 1],
  ArrowUp: (tiles, tile) => neighbour(tiles, tile, -1),
  ArrowDown: (tiles, tile) => neighbour(tiles, tile, 1),
  Home: (tiles) => tiles.at(0),
  End: (tiles) => tiles.at(-1),
};

document.addEventListener("keydown", (event) => {
  const goal = goals[event.key];
  if (!goal || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (lightbox.open) {
    // A player in focus has these keys for itself.
    if (event.target === video || event.key === "ArrowUp" || event.key === "ArrowDown") return;
    event.preventDefault();
    show(goal(shown("[data-view]"), current));
    return;
  }
  const tile = document.activeElement.closest("main a");
  const target = tile && goal(shown("a"), tile);
  if (!target) return;
  event.preventDefault();
  target.focus();
});
