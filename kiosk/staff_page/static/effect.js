// Follows the weighing of a change, and shows its effect when it is known.

const OFTEN = 400; // milliseconds between two looks
const form = document.querySelector("#change");
const again = document.querySelector("#again");

if (form.dataset.ended === "no") follow();
else document.querySelector("#effect-title")?.focus({ preventScroll: true });

async function follow() {
  const fields = new URLSearchParams(new FormData(form));
  fields.set("do", "state");
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, OFTEN));
    const state = await look(fields);
    // Whatever it is (an end of the visit, a fault), the whole page can tell it.
    if (!state || state.ended) break;
    const text = `${state.text} …`;
    const telling = document.querySelector("#telling");
    if (telling.textContent !== text) telling.textContent = text;
    document.querySelector("#progress").value = state.step;
  }
  form.requestSubmit(again);
}

async function look(fields) {
  try {
    const response = await fetch(form.getAttribute("action"), { method: "POST", body: fields });
    return response.headers.get("content-type")?.startsWith("application/json") ? await response.json() : null;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    return { text: "The kiosk cannot be reached; trying again", step: 0 };
  }
}
