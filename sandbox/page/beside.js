// Where a box stands: beside what it points at, or as near to it as it covers nothing that is needed.

const GAP = 16;
const EDGE = 12;
const TOP = 60; // below the head of the page
const STEP = 40;
const NEEDED = ".telephone .bottom, .telephone .chats, #clock .buttons, #clock .next, #troubles .life, .pointed";
const LAST = ".row:last-child .bubble, .row:last-child .key"; // what was said last is read, too

export function standBeside(node, target) {
  const size = { width: node.offsetWidth, height: node.offsetHeight };
  const last = target.closest(".telephone")?.querySelectorAll(LAST) ?? [];
  const needed = [...document.querySelectorAll(NEEDED), ...last].map((one) => one.getBoundingClientRect());
  const free = (place) => !needed.some((other) => covers(place, size, other));
  const { left, top } = best(target.getBoundingClientRect(), size, free);
  Object.assign(node.style, { left: `${left}px`, top: `${top}px` });
}

function best(target, size, free) {
  const places = beside(target, size);
  return places.find(free) ?? anywhere(places[0], size).find(free) ?? places[0];
}

function beside(target, { width, height }) {
  const middle = target.top + (target.height - height) / 2;
  const centre = target.left + (target.width - width) / 2;
  const levels = [middle, target.top - height - GAP, target.bottom + GAP];
  const places = levels.flatMap((top) => [target.right + GAP, target.left - GAP - width].map((left) => ({ left, top })));
  const over = levels.slice(1).map((top) => ({ left: centre, top }));
  return [...places, ...over].map((place) => within(place, { width, height }));
}

// Every place on the page, the nearest first.
function anywhere(near, size) {
  const places = [];
  for (let left = EDGE; left < innerWidth; left += STEP) {
    for (let top = TOP; top < innerHeight; top += STEP) places.push(within({ left, top }, size));
  }
  const far = ({ left, top }) => Math.hypot(left - near.left, top - near.top);
  return places.sort((one, other) => far(one) - far(other));
}

function within({ left, top }, { width, height }) {
  return {
    left: Math.round(Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))),
    top: Math.round(Math.max(TOP, Math.min(top, innerHeight - height - GAP))),
  };
}

function covers({ left, top }, { width, height }, other) {
  const across = Math.min(left + width, other.right) - Math.max(left, other.left);
  const down = Math.min(top + height, other.bottom) - Math.max(top, other.top);
  return across > 0 && down > 0;
}
