// Asks the authenticator what the form's data says, puts its answers into the form, and sends it.
"use strict";

const bytes = (text) => {
  const base64 = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
};
const text = (buffer) => {
  const signs = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};
const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

async function assert(options) {
  const given = JSON.parse(options);
  const found = await navigator.credentials.get({
    publicKey: { ...given, challenge: bytes(given.challenge), allowCredentials: known(given.allowCredentials) },
  });
  const answer = found.response;
  return JSON.stringify({
    id: found.id,
    rawId: text(found.rawId),
    type: found.type,
    response: {
      clientDataJSON: text(answer.clientDataJSON),
      authenticatorData: text(answer.authenticatorData),
      signature: text(answer.signature),
      userHandle: answer.userHandle ? text(answer.userHandle) : null,
    },
  });
}

async function create(options) {
  const given = JSON.parse(options);
  const made = await navigator.credentials.create({
    publicKey: {
      ...given,
      challenge: bytes(given.challenge),
      user: { ...given.user, id: bytes(given.user.id) },
      excludeCredentials: known(given.excludeCredentials),
    },
  });
  return JSON.stringify({
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    response: {
      clientDataJSON: text(made.response.clientDataJSON),
      attestationObject: text(made.response.attestationObject),
    },
  });
}

const form = document.querySelector("form[data-passkey]");
const status = form.querySelector("[role=status]");
const button = form.querySelector("button");

if (window.PublicKeyCredential) {
  button.hidden = false;
  status.textContent = "";
} else {
  status.textContent = "This browser offers no passkeys here: use a current one, over https.";
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  status.textContent = "Waiting for your passkey …";
  try {
    if (form.dataset.assertion) form.elements.assertion.value = await assert(form.dataset.assertion);
    if (form.dataset.creation) form.elements.creation.value = await create(form.dataset.creation);
    form.submit();
  } catch (error) {
    button.disabled = false;
    status.textContent = `Nothing was sent: the authenticator gave no answer (${error.name}). Try again.`;
  }
});
