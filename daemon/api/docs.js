"use strict";

// Everything is put in as text, never as markup.
function make(name, text, ...children) {
  const node = document.createElement(name);
  if (text) node.textContent = text;
  node.append(...children);
  return node;
}

function row(...cells) {
  return make("tr", "", ...cells.map((cell) => (cell instanceof Node ? make("td", "", cell) : make("td", String(cell)))));
}

function table(heads, rows) {
  return make("table", "", make("thead", "", make("tr", "", ...heads.map((head) => make("th", head)))), make("tbody", "", ...rows));
}

function resolved(description, schema) {
  if (!schema || !schema.$ref) return schema || {};
  return schema.$ref.slice(2).split("/").reduce((place, part) => place[part], description);
}

function fields(description, schema) {
  const whole = resolved(description, schema);
  const required = whole.required || [];
  return Object.entries(whole.properties || {}).map(([name, field]) => {
    const kind = (field.anyOf || [field]).map((one) => one.type || (one.enum || []).join(" | ")).join(" or ");
    return row(make("code", name), kind + (required.includes(name) ? "" : ", optional"), field.description || "");
  });
}

function responses(description, operation) {
  return Object.entries(operation.responses).flatMap(([status, response]) => {
    const content = Object.values(response.content || {})[0] || {};
    const codes = Object.entries(content.examples || {});
    return codes.length
      ? codes.map(([code, example]) => row(status, make("code", code), example.summary))
      : [row(status, "", response.description)];
  });
}

function curl(method, path, operation) {
  const body = operation.requestBody ? ` \\\n  -H 'Content-Type: application/json' -d @body.json` : "";
  const key = operation.security ? "" : ` -H "Api-Key: $KEY"`;
  return `curl --cacert tls.crt -X ${method.toUpperCase()}${key} "${location.origin}${path}"${body}`;
}

async function send(form, method, path, output) {
  output.textContent = "…";
  let target = path;
  const query = new URLSearchParams();
  for (const input of form.querySelectorAll("input[name]")) {
    if (input.dataset.place === "path") target = target.replace(`{${input.name}}`, encodeURIComponent(input.value));
    else if (input.value) query.set(input.name, input.value);
  }
  const headers = { "Api-Key": document.getElementById("key").value };
  const body = form.querySelector("textarea");
  if (body) headers["Content-Type"] = "application/json";
  try {
    const answer = await fetch(target + (query.size ? `?${query}` : ""), { method: method.toUpperCase(), headers, body: body ? body.value : undefined });
    output.textContent = `${answer.status}  Request-Id: ${answer.headers.get("Request-Id")}\n\n${await answer.text()}`;
  } catch (error) {
    output.textContent = String(error);
  }
}

function trial(method, path, operation) {
  const form = make("form");
  for (const parameter of operation.parameters) {
    const input = make("input");
    input.name = parameter.name;
    input.value = parameter.in === "path" ? parameter.example : "";
    input.dataset.place = parameter.in;
    form.append(make("label", `${parameter.name} (${parameter.description}) `, input));
  }
  if (operation.requestBody) {
    const body = make("textarea");
    body.rows = 6;
    body.value = JSON.stringify(operation.requestBody.content["application/json"].example || {}, null, 2);
    form.append(make("label", "Body ", body));
  }
  const output = make("pre");
  output.setAttribute("aria-live", "polite");
  form.append(make("button", "Send"), output);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form, method, path, output);
  });
  return make("details", "", make("summary", "Try it"), form);
}

function call(description, method, path, operation) {
  const section = make("section");
  section.id = operation.operationId;
  const title = make("h3", "", Object.assign(make("span", method.toUpperCase()), { className: "method" }), make("code", path), make("span", ` ${operation.summary}`));
  section.append(title, make("p", operation.description));
  if (operation.requestBody) section.append(table(["field", "type", "meaning"], fields(description, operation.requestBody.content["application/json"].schema)));
  section.append(table(["status", "code", "meaning"], responses(description, operation)), make("pre", curl(method, path, operation)));
  if (operation.operationId !== "streamEvents") section.append(trial(method, path, operation));
  return section;
}

async function show() {
  const description = await (await fetch("openapi.json")).json();
  document.getElementById("version").textContent = description.info.version;
  const calls = document.getElementById("calls");
  const contents = document.getElementById("contents");
  calls.append(Object.assign(make("p", description.info.description), { className: "text" }));
  for (const tag of description.tags) {
    const list = make("ul");
    contents.append(make("h2", tag.name), make("p", tag.description), list);
    calls.append(make("h2", tag.name), make("p", tag.description));
    for (const [path, methods] of Object.entries(description.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        if (!operation.tags.includes(tag.name)) continue;
        calls.append(call(description, method, path, operation));
        const link = make("a", operation.summary);
        link.href = `#${operation.operationId}`;
        list.append(make("li", "", link, make("code", ` ${method.toUpperCase()} ${path}`)));
      }
    }
  }
}

show();
