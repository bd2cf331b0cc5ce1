// The way to the staff page: a mark that is held for a second, so that no stray touch leads there.

const HELD = 1000; // milliseconds

export function staff() {
  const mark = document.querySelector("#staff");
  if (!mark) return;
  let timer;
  const go = () => location.assign("/staff/");
  mark.addEventListener("pointerdown", () => { timer = setTimeout(go, HELD); });
  for (const name of ["pointerup", "pointerleave", "pointercancel"]) mark.addEventListener(name, () => clearTimeout(timer));
  mark.addEventListener("contextmenu", (event) => event.preventDefault());
  // A click without a finger is a screen reader's, or Enter's, which cannot be held.
  mark.addEventListener("click", (event) => event.detail === 0 && go());
}
