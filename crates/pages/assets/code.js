// The code page: sends itself when the digits are there, counts down to the next mail, and moves on when the link
// in the mail was confirmed elsewhere.

const form = document.getElementById("code-form");
const field = document.getElementById("code");
const resend = document.getElementById("send-code");

// How long a code is; where that differs from one to the next, it is sent by hand.
const whole = Number(field?.dataset.digits ?? 6);
const digits = () => field.value.replace(/\D/g, "");
let sent = "";

field?.addEventListener("input", () => {
  if (whole && digits().length === whole && digits() !== sent) {
    // The same wrong code is not sent twice by itself: that would eat the person's tries.
    sent = digits();
    form.requestSubmit();
  }
});

if (resend) {
  const label = resend.textContent;
  const end = Date.now() + Number(resend.dataset.resendIn) * 1000;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    resend.disabled = left > 0;
    resend.textContent = left > 0 ? resend.dataset.wait.replace("{n}", left) : label;
    if (left > 0) setTimeout(tick, 500);
  };
  tick();
}

const address = form?.dataset.statusUrl;
if (address) {
  const ask = async () => {
    if (document.visibilityState === "visible") {
      try {
        const url = new URL(address, location.href);
        url.searchParams.set("flow", form.elements.flow.value);
        const answer = await fetch(url, { headers: { accept: "application/json" }, credentials: "same-origin", cache: "no-store" });
        if (answer.status === 404 || answer.status === 410) return;
        if (answer.ok) {
          const { done, location: next } = await answer.json();
          if (done && next) {
            location.assign(new URL(next, location.href));
            return;
          }
        }
      } catch {
        // Offline for a moment; the next round may do better.
      }
    }
    setTimeout(ask, 3000);
  };
  setTimeout(ask, 3000);
}
