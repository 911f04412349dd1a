// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { LanguageProvider } from "../i18n";
import { DenseTable } from "./DenseTable";

afterEach(cleanup);

const rows = [{ id: "a" }, { id: "b" }];
const columns = [
  { key: "id", title: "id", sort: "id", cell: (row: { id: string }) => row.id },
  { key: "act", title: "act", cell: (row: { id: string }) => <button type="button">{`act ${row.id}`}</button> },
];

function show(more: object) {
  render(
    <LanguageProvider>
      <DenseTable label="rows" columns={columns} rows={rows} rowKey={(row) => row.id} {...more} />
    </LanguageProvider>,
  );
}

it("opens a row on click, but not from what is pressed inside it", () => {
  const onOpen = vi.fn();
  show({ onOpen });
  fireEvent.click(screen.getByText("a"));
  fireEvent.click(screen.getByText("act b"));
  expect(onOpen.mock.calls).toEqual([[rows[0]]]);
});

it("selects one and all", () => {
  const onSelect = vi.fn();
  show({ onSelect, selected: new Set(["a"]) });
  const boxes = screen.getAllByRole("checkbox");
  fireEvent.click(boxes[1] as HTMLElement);
  fireEvent.click(boxes[0] as HTMLElement);
  expect(onSelect.mock.calls).toEqual([[new Set()], [new Set(["a", "b"])]]);
});

it("sorts the other way round when asked again, and says which way", () => {
  const onSort = vi.fn();
  show({ onSort, sort: "-id" });
  fireEvent.click(screen.getByText(/^id/));
  expect(onSort).toHaveBeenCalledWith("id");
  expect(screen.getByRole("columnheader", { name: /id/ }).getAttribute("aria-sort")).toBe("descending");
});

it("marks the current row", () => {
  show({ current: "b" });
  expect(screen.getByText("b").closest("tr")?.getAttribute("aria-current")).toBe("true");
});
