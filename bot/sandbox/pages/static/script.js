// Fetches the page anew when something on it changed, and puts the changed parts in place; forms keep what was typed.
const page = document.querySelector("[data-state]");
const list = document.querySelector("[data-reload]");

async function refresh(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (next && next.innerHTML !== part.innerHTML) part.replaceWith(next);
  }
}

async function look() {
  if (document.hidden) return;
  if (list) return refresh(list.dataset.reload);
  const answer = await fetch(page.dataset.state);
  if (!answer.ok) return;
  const { fingerprint } = await answer.json();
  if (fingerprint === page.dataset.fingerprint) return;
  page.dataset.fingerprint = fingerprint;
  await refresh(location.pathname);
}

if (page || list) setInterval(() => look().catch(() => {}), 1000);
