/* The page of the REST interface: find an operation, and send it with a token that this page alone holds. */
"use strict";

const page = document.querySelector(".api");
for (const part of page.querySelectorAll("[data-scripted]")) part.hidden = false;

const token = document.getElementById("token");
const find = document.getElementById("find");
const found = document.getElementById("found");

find.addEventListener("input", () => {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const section of page.querySelectorAll("section")) {
    let some = 0;
    for (const operation of section.querySelectorAll(".operation")) {
      const text = operation.querySelector("summary").textContent.toLowerCase();
      operation.hidden = !words.every((word) => text.includes(word));
      if (!operation.hidden) some += 1;
    }
    section.hidden = some === 0;
    count += some;
  }
  found.textContent = words.length ? String(count) : "";
});

const open = () => {
  const wanted = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (wanted instanceof HTMLDetailsElement) wanted.open = true;
};
addEventListener("hashchange", open);
open();

const addressOf = (form) => {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  for (const field of form.querySelectorAll("input[name]")) {
    if (field.dataset.in === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(field.value));
    else if (field.value !== "") query.append(field.name, field.value);
  }
  const text = query.toString();
  return page.dataset.base.replace(/\/$/, "") + path + (text ? `?${text}` : "");
};

const headersOf = (form, body) => {
  const headers = { Accept: "application/json" };
  if (token.value.trim()) headers.Authorization = `Bearer ${token.value.trim()}`;
  if (body) headers["Content-Type"] = "application/json";
  if ("key" in form.dataset && crypto.randomUUID) headers["Idempotency-Key"] = crypto.randomUUID();
  return headers;
};

const legible = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

const send = async (form) => {
  const body = form.querySelector("[data-body]")?.value.trim();
  const request = { method: form.dataset.method, headers: headersOf(form, body), credentials: "omit", cache: "no-store" };
  const answer = await fetch(addressOf(form), body ? { ...request, body } : request);
  const told = ["content-type", "etag", "ratelimit", "x-request-id"].filter((name) => answer.headers.get(name));
  const lines = told.map((name) => `${name}: ${answer.headers.get(name)}`);
  return [`${answer.status} ${answer.statusText}`, ...lines, "", legible(await answer.text())].join("\n");
};

page.addEventListener("submit", async (event) => {
  const form = event.target;
  event.preventDefault();
  const shown = form.querySelector(".answer");
  const button = form.querySelector("button");
  button.disabled = true;
  shown.hidden = false;
  shown.textContent = "…";
  try {
    shown.textContent = await send(form);
  } catch (fault) {
    shown.textContent = String(fault);
  } finally {
    button.disabled = false;
  }
});
