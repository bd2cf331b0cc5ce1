// Text size and contrast: the patient's own, and gone with the patient.

const root = document.documentElement;
const size = document.querySelector("#text-size");
const contrast = document.querySelector("#contrast");

export function comfort() {
  size.addEventListener("click", () => setSize((Number(root.dataset.size ?? 1) % 3) + 1));
  contrast.addEventListener("click", () => setContrast(root.dataset.contrast !== "high"));
}

export function usual() {
  setSize(1);
  setContrast(false);
}

function setSize(step) {
  root.dataset.size = step;
  size.dataset.step = step;
}

function setContrast(high) {
  if (high) root.dataset.contrast = "high";
  else delete root.dataset.contrast;
  contrast.setAttribute("aria-pressed", String(high));
}
