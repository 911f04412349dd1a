import { ClockCircleOutlined } from "@ant-design/icons";
import { Button, DatePicker, Popover, Radio } from "antd";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import { useState } from "react";
import { useWords } from "../i18n";
import { shortTime } from "../i18n/format";
import { RANGES, type Range } from "../state/range";
import type { UrlWords } from "../state/url";

/** The one time picker: named ranges, or exact first and last in the local zone. */
export function TimePicker({ range, onChange }: { range: Range; onChange(patch: UrlWords): void }) {
  const { t, word, language } = useWords();
  const [open, setOpen] = useState(false);
  const shown = range.name ? word("web.range", range.name) : `${shortTime(range.since, language) || "…"} → ${shortTime(range.until, language) || "…"}`;
  const choose = (patch: UrlWords) => {
    setOpen(false);
    onChange(patch);
  };
  const content = (
    <div className="stack">
      <Radio.Group
        optionType="button"
        value={range.name}
        options={RANGES.map((name) => ({ value: name, label: word("web.range", name) }))}
        onChange={(event) => choose({ range: String(event.target.value), since: "", until: "" })}
      />
      <DatePicker.RangePicker
        showTime
        value={range.since && range.until ? [dayjs(range.since), dayjs(range.until)] : null}
        onChange={(times) => times?.[0] && times[1] && choose({ range: "", since: times[0].toISOString(), until: times[1].toISOString() })}
      />
    </div>
  );
  return (
    <Popover open={open} onOpenChange={setOpen} trigger="click" placement="bottomRight" content={content}>
      <Button icon={<ClockCircleOutlined />} loading={!range.ready} aria-label={t("web.range.label")}>
        {shown}
      </Button>
    </Popover>
  );
}
