// SPDX-License-Identifier: MIT
// tests/clients/schema_rest.mjs - asks for everything that docs/api/rest.yaml
// names: each path, each method, each status, and holds the answers against it.
//
// node schema_rest.mjs HOST ROUTES: the routes are lines `METHOD PATH`.
import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import WebSocket from "ws";
import { account, person, play, read, Schemas, without }
	from "./schema.mjs";

const [host, routes] = process.argv.slice(2);
const document = read("rest");
const schemas = new Schemas(document, true);
const seen = new Set(); // "GET /auth/me 200"
const LARGE = 256 * 1024 + 1;
const FOREIGN = { Origin: "https://elsewhere.example" };

// --- HTTP, down to the bytes

// One request on a connection of its own; resolves with the answer. `text` ends
// with the body, if there is one.
function exchange(text) {
	const [name, port] = host.split(":");
	return new Promise((resolve, reject) => {
		const socket = connect(Number(port), name, () => socket.write(text));
		let answer = "";
		socket.setTimeout(15000, () => socket.destroy(new Error("no answer")));
		socket.setEncoding("utf8");
		socket.on("data", (chunk) => {
			answer += chunk;
			if (isWhole(answer))
				socket.destroy();
		});
		socket.on("error", reject);
		socket.on("close", () => resolve(parseAnswer(answer)));
	});
}

// The server may keep the connection: an upgrade does not ask it to close.
function isWhole(text) {
	const { status, headers, body } = parseAnswer(text);
	return text.includes("\r\n\r\n") && (status === 101 || status === 204 ||
		Buffer.byteLength(body) >= Number(headers.get("content-length")));
}

function parseAnswer(text) {
	const end = text.indexOf("\r\n\r\n");
	const [first, ...lines] = text.slice(0, end).split("\r\n");
	const headers = new Map(lines.map((line) => {
		const at = line.indexOf(":");
		return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
	}));
	const status = Number(first.split(" ")[1]);
	const body = status === 101 ? "" : text.slice(end + 4); // frames follow
	return { status, headers, body };
}

function request(method, target, { headers = {}, body = "" } = {}) {
	const all = { Host: host, Connection: "close", ...headers };
	if (body !== "")
		all["Content-Length"] ??= Buffer.byteLength(body);
	const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
	return exchange(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
}

// --- Answers against the document

// Where a place of the document leads, references followed.
function follow(place) {
	const target = place.reduce((at, key) => at?.[key], document);
	if (target?.$ref === undefined)
		return place;
	return follow(target.$ref.slice(2).split("/")
		.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~")));
}

function checkHeaders(place, answer, what) {
	const { headers = {} } = place.reduce((at, key) => at[key], document);
	for (const name of Object.keys(headers)) {
		const at = follow([...place, "headers", name]);
		const value = answer.headers.get(name.toLowerCase());
		const { required } = at.reduce((node, key) => node[key], document);
		if (value === undefined && required)
			throw new Error(`${what}: header ${name} is missing`);
		const wrong = value === undefined ? null : schemas.wrong([...at, "schema"], value);
		if (wrong !== null)
			throw new Error(`${what}: header ${name}: ${value}: ${wrong}`);
	}
}

function checkBody(place, answer, what) {
	const { content } = place.reduce((at, key) => at[key], document);
	const type = answer.headers.get("content-type");
	if (content === undefined) {
		if (answer.body !== "" || type !== undefined)
			throw new Error(`${what}: a body came: ${answer.body}`);
		return null;
	}
	if (!Object.hasOwn(content, type))
		throw new Error(`${what}: the type is ${type}`);
	const value = /json$/.test(type) ? JSON.parse(answer.body) : answer.body;
	const wrong = schemas.wrong([...place, "content", type, "schema"], value);
	if (wrong !== null)
		throw new Error(`${what}: ${answer.body}: ${wrong}`);
	return value;
}

function checkAnswer(place, answer, what) {
	const at = follow(place);
	if (at.reduce((node, key) => node?.[key], document) === undefined)
		throw new Error(`${what}: not in the document: ${answer.body}`);
	checkHeaders(at, answer, what);
	const value = checkBody(at, answer, what);
	if (value?.title !== undefined && value.status !== answer.status)
		throw new Error(`${what}: the problem says ${value.status}`);
	return value;
}

// --- Requests against the document

// The body and the parameters are as the document says, or, where `isWrong`,
// one of them is not.
function checkRequest(path, method, { body, query = {}, params = {}, isWrong = false }) {
	const operation = document.paths[path][method];
	const faults = [];
	const look = (place, value) => {
		const wrong = schemas.wrong(place, value);
		if (wrong !== null)
			faults.push(`${JSON.stringify(value).slice(0, 200)}: ${wrong}`);
	};
	if (operation.requestBody)
		look(["paths", path, method, "requestBody", "content", "application/json",
			"schema"], body ?? null);
	for (const [list, place] of [[document.paths[path].parameters, ["paths", path]],
		[operation.parameters, ["paths", path, method]]])
		(list ?? []).forEach((parameter, i) => {
			const given = parameter.in === "path" ? params[parameter.name]
				: query[parameter.name];
			if (given !== undefined)
				look([...place, "parameters", String(i), "schema"], given);
		});
	if (isWrong === (faults.length === 0))
		throw new Error(`${method} ${path}: ${isWrong ? "the document takes it"
			: faults.join("; ")}`);
}

const written = (query) => {
	const text = Object.entries(query).map(([name, value]) =>
		`${name}=${encodeURIComponent(value).replaceAll("%2C", ",")}`).join("&");
	return text && `?${text}`;
};

// Asks `METHOD /path/{with}/parameters`; the answer must have that status. `who`
// has a token; `isWrong` says that the document must not take the request.
async function ask(wanted, what, options = {}) {
	const [word, path] = what.split(" ");
	const method = word.toLowerCase();
	const { body, query = {}, params = {}, who, headers = {} } = options;
	if (!options.isBare)
		checkRequest(path, method, options);
	const target = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(params[name]));
	const answer = await request(word, target + written(query), {
		headers: { ...(who && { Authorization: `Bearer ${who.token}` }), ...headers },
		body: typeof body === "string" ? body : body && JSON.stringify(body),
	});
	const told = `${what} ${answer.status}`;
	const value = checkAnswer(
		["paths", path, method, "responses", String(answer.status)], answer, told);
	if (answer.status !== wanted)
		throw new Error(`${told}, want ${wanted}: ${answer.body}`);
	seen.add(told);
	return value;
}

// --- The conversation

async function accounts() {
	const password = "has a password";
	const alice = { username: "alice", password, full_name: "Alice", age: 150,
		email: "alice@example.org", date_of_birth: "1976-04-01", gender: "f",
		phone_number: "+41 44 000 00 00" };
	await ask(201, "POST /auth/register", { body: alice });
	await ask(201, "POST /auth/register", { body: { email: "alice@example.com", password } });
	await ask(409, "POST /auth/register", { body: { username: "ALICE", password } });
	await ask(409, "POST /auth/register", { body: { email: "alice@example.org", password } });
	for (const wrong of [{}, { password }, { username: "zoe" }, { username: "", password },
		{ username: "x".repeat(65), password }, { username: "zoe", password: "short" },
		{ username: "zoe", password: "x".repeat(1025) }, { email: "zoe", password },
		{ username: "zoe", password, age: 151 },
		{ username: "zoe", password, date_of_birth: "2001-02-30" },
		{ username: "zoe", password, gender: "x".repeat(65) },
		{ username: "zoe", password, phone_number: "1\n2" }, "{"])
		await ask(400, "POST /auth/register", { body: wrong, isWrong: true });
	const session = await ask(200, "POST /auth/login", { body: { username: "alice", password } });
	await ask(200, "POST /auth/login", { body: { email: "alice@example.org", password } });
	for (const wrong of [{}, { username: "alice" }, { password }, "[]"])
		await ask(400, "POST /auth/login", { body: wrong, isWrong: true });
	for (let i = 0; i < 10; i++)
		await ask(401, "POST /auth/login", { body: { username: "nobody", password } });
	await ask(429, "POST /auth/login", { body: { username: "nobody", password } });
	return session;
}

async function sessions(session) {
	const jwt = { token: session.token }, opaque = { token: session.session_token };
	await ask(200, "GET /auth/me", { who: jwt });
	await ask(200, "GET /auth/me", { query: { token: opaque.token } });
	await ask(200, "GET /auth/me", { headers: { Cookie: `session_token=${opaque.token}` } });
	await ask(200, "POST /auth/refresh", { who: jwt });
	await ask(401, "POST /auth/refresh", { who: person("foreign") });
	await ask(204, "POST /auth/logout", { who: opaque });
	await ask(401, "GET /auth/me", { who: jwt });
}

async function users(alice) {
	const user = alice.id, nobody = randomUUID();
	await ask(200, "GET /api/users", { who: alice, query: { ids: [user, nobody.toUpperCase()] } });
	await ask(200, "GET /api/users", { who: alice, query: { username: "aLiCe" } });
	await ask(404, "GET /api/users", { who: alice, query: { username: "nobody" } });
	await ask(400, "GET /api/users", { who: alice, query: { ids: ["alice"] }, isWrong: true });
	await ask(400, "GET /api/users", { who: alice });
	await ask(200, "GET /api/users/{user}", { who: alice, params: { user } });
	await ask(404, "GET /api/users/{user}", { who: alice, params: { user: nobody } });
	await ask(404, "GET /api/users/{user}", { who: alice, params: { user: "alice" }, isWrong: true });
}

async function rooms(alice, bob) {
	const { id } = await ask(201, "POST /api/rooms",
		{ who: alice, body: { name: "a/b", description: "“old” things" } });
	await ask(201, "POST /api/rooms", { who: alice, body: { name: "cellar", kind: "private" } });
	await ask(409, "POST /api/rooms", { who: bob, body: { name: "A/B" } });
	for (const wrong of [{}, { name: "" }, { name: "x".repeat(65) }, { name: "a\u0007" },
		{ name: "den", description: "x".repeat(1025) }, { name: "den", kind: "direct" }, "{"])
		await ask(400, "POST /api/rooms", { who: alice, body: wrong, isWrong: true });
	await openDirect(alice, bob);
	const { rooms: listed } = await ask(200, "GET /api/rooms", { who: alice });
	const kinds = new Set(listed.map(({ kind }) => kind));
	if (kinds.size !== 3)
		throw new Error(`the list has ${[...kinds]}`);
	return id;
}

// A direct room can be made by WebSocket alone.
function openDirect(alice, bob) {
	const socket = new WebSocket(`ws://${host}/ws/campfire?token=${alice.token}`);
	return new Promise((resolve, reject) => {
		socket.on("error", reject);
		socket.on("open", () => socket.send(JSON.stringify(
			{ type: "OpenDirect", user_id: bob.id })));
		socket.on("message", (data) => {
			if (JSON.parse(data).type === "DirectOpened")
				resolve(socket.terminate());
		});
	});
}

async function messages(alice, bob, room) {
	const path = "/api/rooms/{room}/messages";
	const here = { who: alice, params: { room } };
	const nowhere = { who: alice, params: { room: randomUUID() } };
	const client_message_id = randomUUID();
	for (let i = 0; i < 2; i++)
		await ask(201, `POST ${path}`, { ...here, body: { content: "one", client_message_id } });
	await ask(201, `POST ${path}`,
		{ ...here, params: { room: "a/b" }, body: { content: "“two” \u0007 🦊" } });
	for (const wrong of [{}, { content: "" }, { content: "a\0b" }, { content: "x".repeat(40961) },
		{ content: "x", client_message_id: "x" }, { content: 7 }, "{"])
		await ask(400, `POST ${path}`, { ...here, body: wrong, isWrong: true });
	await ask(404, `POST ${path}`, { ...nowhere, body: { content: "x" } });
	await ask(403, `POST ${path}`, { ...here, who: bob, body: { content: "x" } });
	const { has_more } = await ask(200, `GET ${path}`, { ...here, query: { limit: 1, before: 3 } });
	if (!has_more)
		throw new Error("has_more is false");
	for (const query of [{ limit: 0 }, { limit: 501 }, { before: 0 }, { limit: "ten" }])
		await ask(400, `GET ${path}`, { ...here, query, isWrong: true });
	await ask(403, `GET ${path}`, { ...here, who: bob });
	await ask(404, `GET ${path}`, nowhere);
	const answers = await Promise.all(Array.from({ length: 150 }, () => request("POST",
		`/api/rooms/${room}/messages`,
		{ headers: { Authorization: `Bearer ${alice.token}` }, body: '{"content": "x"}' })));
	const tooMany = answers.find(({ status }) => status === 429);
	if (!tooMany)
		throw new Error(`POST ${path}: 150 at once were not too many`);
	checkAnswer(["paths", path, "post", "responses", "429"], tooMany, `POST ${path} 429`);
	seen.add(`POST ${path} 429`);
}

// --- Roles, in rooms of their own

const COURT = "/api/rooms/{room}";

async function people(alice, bob, carol) {
	const { id: room } = await ask(201, "POST /api/rooms", { who: alice, body: { name: "court" } });
	const by = (who, user) => ({ who, params: { room, user } });
	const toBob = by(alice, bob.id);
	await ask(200, `GET ${COURT}`, toBob);
	await ask(404, `GET ${COURT}`, { who: alice, params: { room: randomUUID() } });
	const member = `${COURT}/members/{user}`;
	await ask(403, `PUT ${member}`, by(bob, carol.id));
	await ask(204, `PUT ${member}`, toBob);
	await ask(404, `PUT ${member}`, by(alice, "nobody"));
	await ask(200, `PATCH ${member}`, { ...by(alice, "BOB"), body: { role: "moderator" } });
	for (const wrong of [{}, { role: "king" }, { role: "owner", reason: 7 }])
		await ask(400, `PATCH ${member}`, { ...toBob, body: wrong, isWrong: true });
	await ask(403, `PATCH ${member}`, { ...by(bob, alice.id), body: { role: "member" } });
	await ask(404, `PATCH ${member}`, { ...by(alice, carol.id), body: { role: "owner" } });
	await ask(200, `GET ${COURT}/members`, toBob);
	await ask(400, `GET ${COURT}/members`, { ...toBob, query: { limit: 0 }, isWrong: true });
	await ask(403, `GET ${COURT}/members`, by(carol));
	await ask(404, `GET ${COURT}/members`, { who: alice, params: { room: randomUUID() } });
	for (const [one, many] of [["ban", "bans"], ["mute", "mutes"]]) {
		const path = `${COURT}/${many}/{user}`;
		await ask(200, `PUT ${path}`, { ...by(bob, carol.id), body: { seconds: 60, reason: one } });
		for (const wrong of [{ seconds: 0 }, { reason: 1 }])
			await ask(400, `PUT ${path}`, { ...by(bob, carol.id), body: wrong, isWrong: true });
		await ask(403, `PUT ${path}`, { ...by(bob, alice.id), body: {} });
		await ask(404, `PUT ${path}`, { ...by(bob, "nobody"), body: {} });
		await ask(200, `GET ${COURT}/${many}`, { ...by(bob), query: { limit: 1, after: 0 } });
		await ask(400, `GET ${COURT}/${many}`, { ...by(bob), query: { limit: 1001 }, isWrong: true });
		await ask(403, `GET ${COURT}/${many}`, by(carol));
		await ask(404, `GET ${COURT}/${many}`, { who: bob, params: { room: randomUUID() } });
		await ask(403, `DELETE ${path}`, by(carol, carol.id));
		await ask(404, `DELETE ${path}`, by(bob, "nobody"));
		await ask(204, `DELETE ${path}`, by(bob, carol.id));
	}
	await ask(403, `DELETE ${member}`, by(bob, alice.id));
	await ask(404, `DELETE ${member}`, by(bob, "nobody"));
	await ask(204, `DELETE ${member}`, by(bob, carol.id));
	await settings(alice, bob, carol, room);
}

async function settings(alice, bob, carol, room) {
	const here = (who, more) => ({ who, params: { room, user: carol.id, ...more } });
	const change = (status, who, body, isWrong) =>
		ask(status, `PATCH ${COURT}`, { ...here(who), body, isWrong });
	await change(200, bob, { slow_seconds: 60 });
	await change(403, bob, { name: "mine" });
	await change(409, alice, { name: "cellar" });
	for (const wrong of [{}, { name: "" }, { visibility: "hidden" }, { slow_seconds: 86401 },
		{ archived: 1 }, { description: "x".repeat(1025) }])
		await change(400, alice, wrong, true);
	await ask(404, `PATCH ${COURT}`,
		{ who: alice, params: { room: randomUUID() }, body: { archived: true } });
	await change(200, alice, { name: "yard", description: "green", visibility: "invite" });
	const { id: invite, code } = await ask(201, `POST ${COURT}/invites`,
		{ ...here(bob), body: { seconds: 60 } });
	await ask(400, `POST ${COURT}/invites`, { ...here(bob), body: { seconds: 0 }, isWrong: true });
	await ask(200, `GET ${COURT}/invites`, here(bob));
	const accept = (status, who, body, isWrong) =>
		ask(status, "POST /api/invites/accept", { who, body, isWrong });
	await accept(400, carol, { code: "open sesame" }, true);
	await accept(404, carol, { code: code.replace(/\.[0-9a-f]/, (c) => c === ".0" ? ".1" : ".0") });
	await accept(200, carol, { code });
	for (const what of [`GET ${COURT}/invites`, `POST ${COURT}/invites`,
		`DELETE ${COURT}/invites/{invite}`]) {
		await ask(403, what, { ...here(carol, { invite }), body: what.startsWith("POST") ? {} : undefined });
		await ask(404, what, { who: bob, params: { room: randomUUID(), invite },
			body: what.startsWith("POST") ? {} : undefined });
	}
	await ask(204, `DELETE ${COURT}/invites/{invite}`, here(bob, { invite }));
	await ask(200, `PUT ${COURT}/bans/{user}`, { ...here(bob), body: {} });
	await accept(404, carol, { code });
	await change(200, alice, { archived: true });
	await ask(409, `PUT ${COURT}/members/{user}`, here(alice, { user: "anna" }));
	await ask(409, `POST ${COURT}/messages`, { ...here(alice), body: { content: "late" } });
	await ask(200, "GET /api/rooms", { who: alice, query: { archived: "1", details: "1" } });
	await ask(200, "GET /api/rooms", { who: alice, query: { details: "1" } });
}

// --- Hooks, which owners alone manage

async function hooks(alice, bob) {
	const { id: room } = await ask(201, "POST /api/rooms", { who: alice, body: { name: "hooked" } });
	const here = (who, more) => ({ who, params: { room, hook: randomUUID(), ...more } });
	const all = `${COURT}/hooks`, one = `${all}/{hook}`;
	const url = "https://example.org/hook";
	await ask(204, `PUT ${COURT}/members/{user}`, here(alice, { user: bob.id }));
	const { id: hook } = await ask(201, `POST ${all}`, { ...here(alice), body: { url } });
	const secret = `whsec_${Buffer.alloc(64, 7).toString("base64")}`;
	for (let made = 1; made < 20; made++)
		await ask(201, `POST ${all}`, { ...here(alice),
			body: { url, events: ["members", "edits"], secret } });
	await ask(409, `POST ${all}`, { ...here(alice), body: { url } });
	const wrong = [{ url: "ftp://example.org" }, { url: "https://me@example.org/" },
		{ url, events: [] }, { url, events: ["all"] }, { url, secret: "sesame" }];
	for (const body of [{}, ...wrong])
		await ask(400, `POST ${all}`, { ...here(alice), body, isWrong: true });
	for (const body of [{}, ...wrong, { state: "retrying" }, { skip: 1 }, { new_secret: "yes" }])
		await ask(400, `PATCH ${one}`, { ...here(alice, { hook }), body, isWrong: true });
	await ask(200, `GET ${all}`, here(alice));
	await ask(200, `GET ${one}`, here(alice, { hook }));
	for (const body of [{ state: "paused" }, { state: "active", skip: true }, { url: `${url}?2` },
		{ events: ["edits"], secret }, { new_secret: true }])
		await ask(200, `PATCH ${one}`, { ...here(alice, { hook }), body });
	for (const [what, body] of [[`GET ${all}`], [`POST ${all}`, { url }], [`GET ${one}`],
		[`PATCH ${one}`, { skip: true }], [`DELETE ${one}`]]) {
		await ask(403, what, { ...here(bob, { hook }), body });
		await ask(404, what, { ...here(alice, { hook, room: randomUUID() }), body });
	}
	await ask(404, `GET ${one}`, here(alice));
	await ask(404, `PATCH ${one}`, { ...here(alice), body: { skip: true } });
	await ask(204, `DELETE ${one}`, here(alice, { hook }));
	await ask(204, `DELETE ${one}`, here(alice, { hook }));
}

// --- What many operations share

function operations() {
	return Object.entries(document.paths).flatMap(([path, methods]) =>
		Object.entries(methods)
			.filter(([method]) => method !== "parameters")
			.map(([method, operation]) =>
				({ path, method, operation, what: `${method.toUpperCase()} ${path}` })));
}

const params = { room: randomUUID(), user: randomUUID(), invite: randomUUID(), hook: randomUUID(),
	dialect: "campfire" };
const isHttp = ({ path }) => !path.startsWith("/ws/");

async function shared(alice) {
	for (const { path, operation, what } of operations().filter(isHttp)) {
		const bare = { params, isBare: true };
		const needsUser = (operation.security ?? document.security).length > 0;
		if (needsUser)
			await ask(401, what, bare);
		if (operation.requestBody)
			await ask(413, what, { ...bare, headers: { "Content-Length": LARGE } });
		if (operation.responses["403"] && !what.startsWith("GET") &&
			path !== "/api/rooms/{room}/messages")
			await ask(403, what, { ...bare, headers:
				{ ...FOREIGN, Cookie: `session_token=${alice.token}` } });
	}
	await service();
}

async function service() {
	await ask(200, "GET /healthz");
	await ask(200, "GET /readyz");
	await ask(200, "GET /metrics");
}

const bodies = {
	"POST /auth/register": { username: "late", password: "has a password" },
	"POST /auth/login": { username: "late", password: "has a password" },
	"POST /api/rooms": { name: "late" },
	"POST /api/rooms/{room}/messages": { content: "late" },
	"PATCH /api/rooms/{room}": { slow_seconds: 1 },
	"PATCH /api/rooms/{room}/members/{user}": { role: "owner" },
	"PUT /api/rooms/{room}/bans/{user}": {},
	"PUT /api/rooms/{room}/mutes/{user}": {},
	"POST /api/rooms/{room}/invites": {},
	"POST /api/rooms/{room}/hooks": { url: "https://example.org/" },
	"PATCH /api/rooms/{room}/hooks/{hook}": { state: "paused" },
	"POST /api/invites/accept": { code: `${randomUUID()}.${"0".repeat(32)}` },
};

// While a daemon stands still, what needs it is 503.
async function unavailable(alice, bob) {
	const asked = operations().filter(({ operation, path }) =>
		isHttp({ path }) && operation.responses["503"] && path !== "/readyz");
	const query = { ids: [params.user] };
	await without("auth", () => Promise.all([
		...asked.map(({ what, path }) => ask(503, what, { params, who: alice,
			body: bodies[what], query: path === "/api/users" ? query : {} })),
		upgrade(503, {}, `/ws/campfire?token=${alice.token}`),
	]));
	// The log-out of before may have taken effect since.
	await without("store", async () => {
		await ask(503, "GET /api/rooms", { who: bob });
		for (let tries = 0; tries < 100 &&
			(await request("GET", "/readyz")).status !== 503; tries++)
			await new Promise((resolve) => setTimeout(resolve, 50));
		await ask(503, "GET /readyz");
	});
}

// --- Upgrades, and what is no request at all

const UPGRADE = {
	Connection: "Upgrade", Upgrade: "websocket",
	"Sec-WebSocket-Version": 13, "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

async function upgrade(wanted, headers, target) {
	const answer = await request("GET", target, { headers: { ...UPGRADE, ...headers } });
	const told = `GET /ws/{dialect} ${answer.status}`;
	checkAnswer(["paths", "/ws/{dialect}", "get", "responses", String(answer.status)],
		answer, `${told} (${target.split("?")[0]})`);
	if (answer.status !== wanted)
		throw new Error(`${told}, want ${wanted}`);
	seen.add(told);
	return answer;
}

async function upgrades(alice) {
	const [{ schema: { enum: dialects } }] =
		document.paths["/ws/{dialect}"].get.parameters;
	const at = `/ws/campfire?token=${alice.token}`;
	for (const dialect of dialects) {
		const { headers } = await upgrade(101, { "Sec-WebSocket-Protocol": `other, ${dialect}` }, at);
		if (headers.get("sec-websocket-protocol") !== dialect)
			throw new Error(`${dialect} was not chosen`);
		await upgrade(101, {}, `/ws/${dialect}?token=${alice.token}`);
	}
	await upgrade(400, { "Sec-WebSocket-Key": "short" }, at);
	await upgrade(401, {}, "/ws/campfire");
	await upgrade(403, FOREIGN, at);
	await upgrade(404, {}, "/ws/nothing");
	await upgrade(426, { "Sec-WebSocket-Version": 8 }, at);
}

async function anyPath(wanted, answer) {
	checkAnswer(["x-any-path", String(answer.status)], answer, `any path ${answer.status}`);
	if (answer.status !== wanted)
		throw new Error(`status ${answer.status}, want ${wanted}`);
	seen.add(`any path ${wanted}`);
	return answer;
}

// Each path answers OPTIONS by the methods that the document gives it.
async function otherMethods() {
	for (const [path, methods] of Object.entries(document.paths).filter(([path]) => isHttp({ path }))) {
		const target = path.replace(/\{(\w+)\}/g, (_, name) => params[name]);
		const { headers } = await anyPath(405, await request("OPTIONS", target));
		const known = ["get", "post", "put", "patch", "delete"]
			.filter((method) => methods[method])
			.map((method) => method === "get" ? "GET, HEAD" : method.toUpperCase());
		if (headers.get("allow") !== known.join(", "))
			throw new Error(`${path} allows ${headers.get("allow")}`);
	}
}

async function malformed() {
	await anyPath(400, await exchange("GET\r\n\r\n"));
	await anyPath(404, await request("GET", "/nothing"));
	await anyPath(413, await request("POST", "/auth/logout",
		{ headers: { "Content-Length": LARGE } }));
	await anyPath(414, await request("GET", `/${"x".repeat(20000)}`));
	await anyPath(417, await request("GET", "/healthz", { headers: { Expect: "wonders" } }));
	await anyPath(431, await request("GET", "/healthz", { headers: { "X-Long": "x".repeat(40000) } }));
	await anyPath(501, await request("GET", "/healthz", { headers: { "Transfer-Encoding": "gzip, chunked" } }));
	await anyPath(505, await exchange(`GET /healthz HTTP/2.7\r\nHost: ${host}\r\n\r\n`));
}

// The routes that the gateway has are those of the document.
function checkRoutes() {
	const named = operations().filter(isHttp)
		.map(({ what }) => what.replace(/\{\w+\}/g, "*")).sort();
	const served = routes.trim().split("\n").sort();
	if (JSON.stringify(named) !== JSON.stringify(served))
		throw new Error(`the gateway serves ${served}; the document names ${named}`);
}

function finish() {
	const wanted = operations().flatMap(({ what, operation }) =>
		Object.keys(operation.responses).map((status) => `${what} ${status}`));
	wanted.push(...Object.keys(document["x-any-path"]).map((status) => `any path ${status}`));
	const missing = wanted.filter((one) => !seen.has(one));
	if (missing.length > 0)
		throw new Error(`never seen: ${missing.join(", ")}`);
	return `${operations().length} operations, ${wanted.length} answers`;
}

play(async () => {
	checkRoutes();
	await sessions(await accounts());
	const alice = await account(host, "anna"), bob = await account(host, "bob");
	await users(alice);
	const room = await rooms(alice, bob);
	await messages(alice, bob, room);
	await people(await account(host, "anna.two"), bob, await account(host, "carol"));
	await hooks(await account(host, "hanna"), bob);
	await shared(alice);
	await upgrades(alice);
	await otherMethods();
	await malformed();
	await unavailable(alice, bob);
	return finish();
});
