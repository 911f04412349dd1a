import { useCan } from "../../api/session";
import type { FiledSystem } from "../../api/types";
import { Empty } from "../../components/states";
import { useWords } from "../../i18n";
import { TaskCard } from "./TaskCard";

/** Repairs: overdue first, then by day; closed ones last. */
export function TasksTab({ system }: { system: FiledSystem }) {
  const { t } = useWords();
  const can = useCan();
  const rank = (task: FiledSystem["tasks"][number]) => (task.overdue ? 0 : task.status === "closed" ? 2 : 1);
  const tasks = [...system.tasks].sort((a, b) => rank(a) - rank(b) || a.due.localeCompare(b.due));
  return (
    <div className="page scroll">
      {tasks.length === 0 && <Empty title={t("web.systems.no_tasks")} next={t("web.systems.no_tasks_next")} />}
      {tasks.map((task) => (
        <TaskCard key={task.id} task={task} writes={can("comply")} />
      ))}
    </div>
  );
}
