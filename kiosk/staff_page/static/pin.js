// The question for the PIN: counts the wait down, and on the kiosk's own screen gives way to the patients.

const LONELY = 60_000; // milliseconds without a key or a touch until the patients' page comes back

const message = document.querySelector("#pin-message");
const { home } = document.documentElement.dataset;
let lonely;

function stir() {
  clearTimeout(lonely);
  // A form that was kept over the end of a visit must not be lost to a clock.
  if (home && !document.querySelector('[name="asked_by"][value="POST"]')) lonely = setTimeout(() => location.replace(home), LONELY);
}

function countDown() {
  const seconds = Number(message?.dataset.wait ?? 0);
  if (!seconds) return;
  const until = performance.now() + seconds * 1000;
  const timer = setInterval(() => {
    if (performance.now() < until) return;
    clearInterval(timer);
    message.textContent = "You can try again now.";
    document.querySelector("#pin").focus();
  }, 250);
}

for (const name of ["pointerdown", "keydown"]) addEventListener(name, stir, { passive: true });
stir();
countDown();
