// On every page: a form is sent once, passwords can be looked at, times are in the reader's zone, errors get the focus.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if ("keepEnabled" in form.dataset) return;
  form.dataset.sent = "true";
  // After the event, or the name and value of the pressed button would be missing from what is sent.
  setTimeout(() => {
    for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
    event.submitter?.setAttribute("aria-busy", "true");
  });
});

addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[aria-disabled]")) {
    button.removeAttribute("aria-disabled");
    button.removeAttribute("aria-busy");
  }
});

for (const toggle of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(toggle.dataset.reveal);
  const show = (visible) => {
    field.type = visible ? "text" : "password";
    toggle.textContent = visible ? toggle.dataset.hide : toggle.dataset.show;
    toggle.setAttribute("aria-pressed", String(visible));
  };
  toggle.addEventListener("click", () => show(field.type === "password"));
  // Never leave a readable password behind for the browser to remember as a text field.
  field.form?.addEventListener("submit", () => show(false));
}

for (const field of document.querySelectorAll("[data-strength]")) {
  const meter = document.getElementById(field.dataset.strength);
  // A hint while typing; the server decides.
  field.addEventListener("input", () => {
    const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^\w]/].filter((kind) => kind.test(field.value)).length;
    const variety = new Set(field.value).size;
    const enough = field.value.length >= field.minLength;
    meter.value = !field.value ? 0 : !enough || variety < 5 ? 1 : Math.min(4, Math.floor(variety / 5) + (kinds > 2 ? 1 : 0) + 1);
  });
}

const forms = {
  day: { dateStyle: "long" },
  moment: { dateStyle: "long", timeStyle: "short" },
};
// In the reader's own way of writing dates, as far as that is the page's language: "21 November" in London.
const tongue = (tag) => tag.split("-")[0];
const shown = document.documentElement.lang;
const reader = navigator.languages?.find((tag) => tongue(tag) === tongue(shown)) ?? shown;
for (const time of document.querySelectorAll("time[data-form]")) {
  const moment = new Date(time.dateTime);
  time.title = time.textContent;
  time.textContent = new Intl.DateTimeFormat(reader, forms[time.dataset.form]).format(moment);
}

const zones = document.getElementById("zones");
if (zones && Intl.supportedValuesOf) {
  for (const zone of Intl.supportedValuesOf("timeZone")) zones.append(new Option(zone));
}

// On a phone the tabs of the account run off the edge; the current one should not.
document.querySelector(".dw-nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

document.getElementById("error")?.focus();
