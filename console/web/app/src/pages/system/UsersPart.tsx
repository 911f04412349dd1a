import { App, Button, Form, Input, Modal, Select, Switch, Typography } from "antd";
import { useState } from "react";
import { useAddUser, useChangeUser, useUsers } from "../../api/shelves";
import type { Role } from "../../api/types";
import { DenseTable } from "../../components/DenseTable";
import { Answered, ProblemView } from "../../components/states";
import { useWords } from "../../i18n";

const ROLES: readonly Role[] = ["viewer", "analyst", "responder", "compliance", "system_admin", "security_admin", "auditor"];

/** Who may do what. The three administrators exclude each other; the server holds that. */
export function UsersPart() {
  const { t, word } = useWords();
  const answer = useUsers();
  const change = useChangeUser();
  const [adding, setAdding] = useState(false);
  const tell = usePasswordOnce();
  const options = ROLES.map((role) => ({ value: role, label: word("web.role", role) }));
  return (
    <>
      <div className="row">
        <span className="muted grow">{t("web.users.three")}</span>
        <Button type="primary" onClick={() => setAdding(true)}>
          {t("web.users.add")}
        </Button>
      </div>
      {change.error && <ProblemView error={change.error} />}
      <Answered of={answer}>
        {({ items }) => (
          <section className="panel">
            <DenseTable
              loose
              label={t("web.place.users")}
              rows={items}
              rowKey={(user) => user.name}
              columns={[
                { key: "name", title: t("web.login.name"), width: 200, cell: (user) => user.name },
                { key: "roles", title: t("web.users.roles"), cell: (user) => <Select mode="multiple" size="middle" aria-label={t("web.users.roles")} style={{ width: "100%" }} value={user.roles} options={options} disabled={change.isPending} onChange={(roles) => change.mutate({ name: user.name, version: user.version, roles })} /> },
                { key: "enabled", title: t("web.users.enabled"), width: 120, cell: (user) => <Switch aria-label={t("web.users.enabled")} checked={!user.disabled} disabled={change.isPending} onChange={(enabled) => change.mutate({ name: user.name, version: user.version, disabled: !enabled })} /> },
                {
                  key: "password",
                  title: t("web.login.password"),
                  width: 260,
                  cell: (user) => (
                    <span className="row">
                      <Button onClick={() => change.mutate({ name: user.name, version: user.version, reset_password: true }, { onSuccess: tell })}>{t("web.users.reset")}</Button>
                      {user.must_change && <span className="mark warn">{t("web.users.must_change")}</span>}
                    </span>
                  ),
                },
              ]}
            />
          </section>
        )}
      </Answered>
      {adding && <AddDialog options={options} onClose={() => setAdding(false)} onMade={tell} />}
    </>
  );
}

interface Given {
  name: string;
  roles: Role[];
}

/** Shows a password that the server made, once; it is stored nowhere. */
function usePasswordOnce() {
  const { t } = useWords();
  const { modal } = App.useApp();
  return (made: { password: string | null; user: { name: string } }) => {
    if (!made.password) return;
    modal.info({
      title: t("web.users.once_title", { name: made.user.name }),
      content: (
        <>
          <p>{t("web.users.once_what")}</p>
          <Typography.Text code copyable>
            {made.password}
          </Typography.Text>
        </>
      ),
    });
  };
}

interface DialogProps {
  options: { value: Role; label: string }[];
  onClose(): void;
  onMade(made: { password: string | null; user: { name: string } }): void;
}

function AddDialog({ options, onClose, onMade }: DialogProps) {
  const { t } = useWords();
  const add = useAddUser();
  const [form] = Form.useForm<Given>();
  const save = (given: Given) =>
    add.mutate(given, {
      onSuccess: (made) => {
        onClose();
        onMade(made);
      },
    });
  return (
    <Modal open title={t("web.users.add")} okText={t("web.users.add")} onCancel={onClose} onOk={() => form.submit()} confirmLoading={add.isPending} width={460}>
      {add.error && <ProblemView error={add.error} />}
      <Form<Given> form={form} layout="vertical" requiredMark={false} onFinish={save}>
        <Form.Item name="name" label={t("web.login.name")} rules={[{ required: true, message: t("web.login.name_missing") }]}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item name="roles" label={t("web.users.roles")} rules={[{ required: true, message: t("web.users.roles_missing") }]} extra={t("web.users.once_what")}>
          <Select mode="multiple" size="middle" options={options} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
