// Two short sounds, so that nobody needs to look: "speak now", and "I have heard you".

const GAINS = [0, 0.15, 0.3, 0.6, 1]; // as loud as the voice at each volume
const sounds = Object.fromEntries(["begin", "end"].map((name) => [name, new Audio(`/static/${name}.wav`)]));

export function earcon(before, view) {
  if (before === view.view) return;
  if (view.view === "listening") play("begin", view.volume);
  else if (before === "listening") play("end", view.volume);
}

function play(name, volume) {
  const sound = sounds[name];
  sound.volume = GAINS[volume];
  sound.currentTime = 0;
  // Where the browser allows no sound, the page is still seen.
  sound.play().catch(() => {});
}
