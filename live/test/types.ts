// What a page that is written in TypeScript may do, and what it must not: TestTypes
// compiles it.

import {Live} from "martini-sockets";
import type {Ended, Lost} from "martini-sockets";

type Said = {id: string; text: string};
type Heard = Said & {at?: string; complete?: boolean};

const live = new Live<Heard, Said>(() => new URL("/socket", "https://example.com"), {
  onmessage(message) { console.log(message.text, message.at); },
  onlost({wait, code}: Lost) { console.log(wait, code); },
  onend({status}: Ended) { console.log(status, live.unsettled[0]?.text); },
  onincomplete() { live.close(); },
  position: message => message.at,
  complete: message => message.complete,
  after: "5",
  probe: {id: "", text: ""},
  protocols: ["chat"],
});
const sent: boolean = live.send({id: "1", text: "now"});
const id = live.say(id => ({id, text: "safe"}));
if (id) console.log(live.settle(id)?.text.length, sent);
const at: string | undefined = live.position;
console.log(at);

const numbers = new Live<{viewers: number}>("/numbers");
numbers.send({viewers: 1});
const texts = new Live<string>("/texts", {encode: text => text, decode: text => text});
texts.say(id => id + " hello");
const bytes = new Live<ArrayBuffer, Uint8Array<ArrayBuffer>>("/bytes", {
  encode: message => message, decode: data => data,
});
bytes.send(new Uint8Array(1));

// @ts-expect-error: a field is missing
live.send({text: "no id"});
// @ts-expect-error: a message is made with its id
live.say({id: "1", text: "no function"});
// @ts-expect-error: no such event
new Live("/socket", {onclose() {}});
// @ts-expect-error: an address is needed
new Live();
// @ts-expect-error: nobody sets what is unsettled
live.unsettled = [];
