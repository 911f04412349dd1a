import { PauseOutlined, CaretRightOutlined } from "@ant-design/icons";
import { Button, Tooltip } from "antd";
import { useLive } from "../api/stream";
import { useWords, type Key } from "../i18n";

const WORD: Record<string, Key> = { live: "web.live.live", paused: "web.live.paused", lost: "web.live.lost" };

/** Whether the page follows the server, and the switch that stops it. */
export function Live() {
  const { t } = useWords();
  const { state, toggle } = useLive();
  const deed = t(state === "paused" ? "web.live.resume" : "web.live.pause");
  return (
    <span className={`live ${state}`} role="status">
      <i className="dot" aria-hidden />
      {t(WORD[state] ?? "web.live.lost")}
      <Tooltip title={deed}>
        <Button type="text" aria-label={deed} icon={state === "paused" ? <CaretRightOutlined /> : <PauseOutlined />} onClick={toggle} />
      </Tooltip>
    </span>
  );
}
