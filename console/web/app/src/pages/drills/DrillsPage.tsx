import { Link, useNavigate } from "@tanstack/react-router";
import { Button, Form, InputNumber, Modal, Select } from "antd";
import { useState } from "react";
import { useDrills, useScenarios, useStartDrill } from "../../api/shelves";
import { useCan } from "../../api/session";
import type { Scorecard } from "../../api/types";
import { DenseTable, type Column } from "../../components/DenseTable";
import { JobProgress } from "../../components/JobProgress";
import { Answered, Empty, ProblemView } from "../../components/states";
import { useTitle } from "../../components/title";
import { Span, When } from "../../components/When";
import { useWords } from "../../i18n";

export function DrillsPage() {
  const { t, say } = useWords();
  const answer = useDrills();
  const start = useStartDrill();
  const can = useCan();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  useTitle(t("web.place.drills"));
  const columns: Column<Scorecard>[] = [
    {
      key: "name",
      title: t("web.drill.scenario"),
      cell: (card) => (
        <Link to="/drills/$id" params={{ id: card.drill }}>
          {say(card.name) || card.scenario}
        </Link>
      ),
    },
    { key: "started", title: t("web.drill.started"), width: 130, cell: (card) => <When at={card.started} /> },
    { key: "seed", title: t("web.drill.seed"), width: 80, right: true, cell: (card) => card.seed },
    { key: "detected", title: t("web.drill.detected"), width: 110, right: true, cell: (card) => t("web.drill.of", { count: card.detected, total: card.steps.length }) },
    { key: "late", title: t("web.drill.late"), width: 80, right: true, cell: (card) => card.late },
    { key: "missed", title: t("web.drill.missed"), width: 80, right: true, cell: (card) => <span style={{ color: card.missed ? "var(--bad)" : undefined }}>{card.missed}</span> },
    { key: "false_alerts", title: t("web.drill.false_alerts"), width: 90, right: true, cell: (card) => card.false_alerts },
    { key: "false_incidents", title: t("web.drill.false_incidents"), width: 110, right: true, cell: (card) => card.false_incidents },
    { key: "length", title: t("web.drill.length"), width: 120, right: true, cell: (card) => <Span seconds={card.capture_seconds} /> },
  ];
  return (
    <div className="page">
      <div className="bar">
        <h1>{t("web.place.drills")}</h1>
        <span className="muted grow clip">{t("web.drill.what")}</span>
        <JobProgress id={start.data?.id} />
        {can("act") && (
          <Button type="primary" onClick={() => setAsking(true)}>
            {t("web.drill.start")}
          </Button>
        )}
      </div>
      {start.error && <ProblemView error={start.error} />}
      <div className="sheet">
        <Answered of={answer}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title={t("web.drill.none")} next={t("web.drill.none_next")} />
            ) : (
              <DenseTable label={t("web.place.drills")} columns={columns} rows={items} rowKey={(card) => card.drill} onOpen={(card) => void navigate({ to: "/drills/$id", params: { id: card.drill } })} minWidth={980} />
            )
          }
        </Answered>
      </div>
      {asking && <StartDialog onClose={() => setAsking(false)} onStart={(given) => start.mutate(given)} />}
    </div>
  );
}

function StartDialog({ onClose, onStart }: { onClose(): void; onStart(given: { scenario: string; seed: number }): void }) {
  const { t, say } = useWords();
  const scenarios = useScenarios();
  const [form] = Form.useForm<{ scenario: string; seed: number }>();
  const chosen = Form.useWatch("scenario", form);
  const finish = (given: { scenario: string; seed: number }) => {
    onStart(given);
    onClose();
  };
  return (
    <Modal open title={t("web.drill.start")} okText={t("web.drill.start")} onCancel={onClose} onOk={() => form.submit()} width={480}>
      <Answered of={scenarios}>
        {({ items }) => (
          <Form form={form} layout="vertical" onFinish={finish} initialValues={{ scenario: items[0]?.id, seed: 1 }} requiredMark={false}>
            <Form.Item name="scenario" label={t("web.drill.scenario")} rules={[{ required: true }]} extra={say(items.find((scenario) => scenario.id === chosen)?.description)}>
              <Select options={items.map((scenario) => ({ value: scenario.id, label: say(scenario.name) }))} />
            </Form.Item>
            <Form.Item name="seed" label={t("web.drill.seed")} rules={[{ required: true }]} extra={t("web.drill.seed_what")}>
              <InputNumber min={0} max={2147483647} precision={0} style={{ width: "100%" }} />
            </Form.Item>
          </Form>
        )}
      </Answered>
    </Modal>
  );
}
