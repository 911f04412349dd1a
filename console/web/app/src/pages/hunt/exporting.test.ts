import { expect, it } from "vitest";
import { asCsv, asNdjson, csvCell } from "./exporting";
import { summaryOf } from "./summary";

it("quotes for CSV and disarms formulas", () => {
  expect(csvCell('say "hi", you')).toBe('"say ""hi"", you"');
  expect(csvCell("=HYPERLINK(1)")).toBe("'=HYPERLINK(1)");
  expect(csvCell("-12.5")).toBe("-12.5");
});

it("writes the chosen columns of each row", () => {
  const rows = [{ "source.ip": "10.0.0.1", "dns.resolved_ip": ["a", "b"], "event.dataset": "dns" }];
  expect(asCsv(rows, ["source.ip", "dns.resolved_ip"])).toBe('source.ip,dns.resolved_ip\r\n10.0.0.1,"a, b"\r\n');
  expect(asNdjson(rows).trim().split("\n").map((line) => JSON.parse(line))).toEqual(rows);
});

it("tells what an event says", () => {
  expect(summaryOf({ "event.dataset": "dns", "dns.question.name": "a.example", "dns.question.type": "TXT" })).toBe("TXT  a.example");
  expect(summaryOf({ "event.dataset": "flow", "source.bytes": 1024, "destination.bytes": 0 })).toBe("↑ 1.0 KiB ↓ 0 B");
  expect(summaryOf({ message: "hello" })).toBe("hello");
});
