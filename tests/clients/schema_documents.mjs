// SPDX-License-Identifier: MIT
// tests/clients/schema_documents.mjs - are the documents in docs/api themselves
// well-formed, closed and true to their own examples?
//
// node schema_documents.mjs NAME             rest, or a dialect
// node schema_documents.mjs DIALECT REQUESTS  the gateway's table has these, one
//                                             a line; the document too?
import { createRequire } from "node:module";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv from "ajv";
import formats from "ajv-formats";
import { Dialect, play, read, resolve, Schemas } from "./schema.mjs";

const require = createRequire(import.meta.url);
const faults = [];

function blame(place, why) {
	faults.push(`${place}: ${why}`);
}

// Against the official schemas.
async function checkOpenApi(document) {
	const { valid, errors } = await new Validator().validate(structuredClone(document));
	if (!valid)
		blame("document", JSON.stringify(errors));
}

function checkAsyncApi(document) {
	const ajv = new Ajv({ strict: false, allErrors: true });
	formats(ajv);
	ajv.addFormat("media-range", true);
	const validate = ajv.compile(
		require("@asyncapi/specs/schemas/3.0.0-without-$id.json"));
	if (!validate(document))
		blame("document", ajv.errorsText(validate.errors, { separator: "\n" }));
}

// Calls visit(place, node) for every object of the document.
function walk(node, place, visit) {
	if (node === null || typeof node !== "object")
		return;
	if (!Array.isArray(node))
		visit(place, node);
	for (const [key, value] of Object.entries(node))
		if (!["example", "examples", "value"].includes(key))
			walk(value, [...place, key], visit);
}

// Each $ref points at something, each component is pointed at.
function checkReferences(document) {
	const used = new Set();
	walk(document, [], (place, node) => {
		if (typeof node.$ref !== "string")
			return;
		used.add(node.$ref);
		try {
			resolve(document, node);
		} catch {
			blame(place.join("/"), `${node.$ref} points nowhere`);
		}
	});
	for (const [kind, things] of Object.entries(document.components))
		for (const name of Object.keys(things))
			if (kind !== "securitySchemes" &&
				!used.has(`#/components/${kind}/${name}`))
				blame(`components/${kind}/${name}`, "is used nowhere");
}

// What describes an object says which keys it has, and no others.
function checkClosed(document) {
	walk(document, [], (place, node) => {
		if (node.type !== "object" || place.includes("bindings"))
			return;
		if (node.additionalProperties === undefined)
			blame(place.join("/"), "is open: additionalProperties is missing");
	});
}

// Operations name their channel's messages, and all of them.
function checkOperations(document) {
	for (const [name, channel] of Object.entries(document.channels)) {
		const named = new Set();
		const mention = ({ $ref }) => {
			const prefix = `#/channels/${name}/messages/`;
			if ($ref.startsWith(prefix))
				named.add($ref.slice(prefix.length));
			else
				blame(name, `an operation of another channel names ${$ref}`);
		};
		for (const operation of Object.values(document.operations)) {
			if (operation.channel.$ref !== `#/channels/${name}`)
				continue;
			operation.messages.forEach(mention);
			(operation.reply?.messages ?? []).forEach(mention);
		}
		for (const message of Object.keys(channel.messages))
			if (!named.has(message))
				blame(`channels/${name}`, `no operation has ${message}`);
		if (channel["x-close-codes"] === undefined)
			blame(`channels/${name}`, "has no x-close-codes");
	}
}

function checkMessages(dialect) {
	const { document, schemas } = dialect;
	for (const [name, message] of Object.entries(document.components.messages)) {
		const place = ["components", "messages", name, "payload"];
		if (!message.summary)
			blame(name, "has no summary");
		if (!(message.examples?.length > 0))
			blame(name, "has no example");
		const bare = message["x-bare-example"];
		const payloads = (message.examples ?? []).map(({ payload }) => payload);
		for (const payload of bare ? [...payloads, JSON.parse(bare)] : payloads) {
			const wrong = schemas.wrong(place, payload);
			if (wrong !== null)
				blame(name, `an example is wrong: ${wrong}`);
		}
	}
}

// An example is one message of its channel and direction, not two.
function checkExamplesApart(dialect) {
	for (const [channel, directions] of dialect.channels)
		for (const [direction, messages] of Object.entries(directions))
			for (const [name, { component, isText }] of messages)
				for (const { payload } of
					dialect.document.components.messages[component].examples) {
					const text = isText ? payload : JSON.stringify(payload);
					const found = dialect.identify(channel, direction, text);
					if (found.name !== name)
						blame(`${channel} ${direction} ${name}`,
							`its example is ${found.name ?? found.why}`);
				}
}

// Every schema compiles, and every example is what it is an example of.
function checkMedia(document, schemas) {
	for (const name of Object.keys(document.components.schemas))
		schemas.at(["components", "schemas", name]);
	walk(document, [], (place, node) => {
		if (!Object.hasOwn(node, "schema"))
			return;
		const at = [...place, "schema"];
		schemas.at(at);
		if (place.at(-2) === "content" && !node.examples && !place.includes("426"))
			blame(place.join("/"), "has no example");
		for (const [name, { value }] of Object.entries(node.examples ?? {})) {
			const wrong = schemas.wrong(at, value);
			if (wrong !== null)
				blame([...place, name].join("/"), wrong);
		}
	});
}

// What the document says that the server receives is what the gateway's table
// has, in whatever order.
function checkRequests(dialect, table) {
	const named = new Set();
	for (const directions of dialect.channels.values())
		for (const { component } of directions.in.values())
			named.add(dialect.document.components.messages[component].name ?? component);
	const wanted = [...named].sort().join(" ");
	const known = table.trim().split("\n").sort().join(" ");
	if (wanted !== known)
		blame("requests", `the gateway knows ${known}; the document, ${wanted}`);
}

async function check(name, requests) {
	const document = read(name);
	checkReferences(document);
	checkClosed(document);
	if (name === "rest") {
		await checkOpenApi(document);
		checkMedia(document, new Schemas(document, true));
	} else {
		checkAsyncApi(document);
		checkOperations(document);
		checkMessages(new Dialect(name));
		checkExamplesApart(new Dialect(name));
		if (requests !== undefined)
			checkRequests(new Dialect(name), requests);
	}
	if (faults.length > 0)
		throw new Error(`${name}.yaml\n${faults.join("\n")}`);
	return `${name}.yaml is in order`;
}

play(() => check(...process.argv.slice(2)));
