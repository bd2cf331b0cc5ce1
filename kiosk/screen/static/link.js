// The link to the kiosk: what there is to show comes down, wishes go up. Finds the kiosk again by itself.

const SILENT = 1500; // milliseconds without the kiosk until the page says so: a restart is mostly shorter

export function link({ onView, onLost }) {
  const mine = document.documentElement.dataset.kiosk;
  let source;
  let lost;

  function connect() {
    source = new EventSource("/events");
    source.addEventListener("kiosk", (event) => {
      clearTimeout(lost);
      lost = undefined;
      // Another run of the kiosk may have other words, topics and colours.
      if (event.data !== mine) location.reload();
    });
    source.addEventListener("message", (event) => onView(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      lost ??= setTimeout(onLost, SILENT);
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, SILENT);
    });
  }

  connect();
}

let last = Promise.resolve();

// Wishes arrive in the order they were made. One that cannot be sent is dropped: the patient sees it and tries again.
export function wish(name, more = {}) {
  const body = JSON.stringify({ wish: name, ...more });
  last = last.then(() => fetch("/wishes", { method: "POST", body }).catch(() => {}));
}
