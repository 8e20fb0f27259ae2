/** A lead's projects: all of them with how far they are, one of them with its whole desk, a new one. */
import { useState } from "preact/hooks";

import type { Schemas } from "../model/desk";
import type { Progress, Project, Projects as AllProjects } from "../model/types";
import { t } from "../texts";
import { Outcome, useActs, Waiting } from "./acting";
import { NewProject } from "./lead/NewProject";
import { ProjectDesk } from "./lead/ProjectDesk";
import { number, Table, useLoaded } from "./loading";

const FIGURES = ["cases", "holdout", "readings", "closed", "waiting"] as const;

export function Projects() {
  const all = useLoaded<AllProjects>("/api/projects");
  const schemas = useLoaded<Schemas>("/api/schemas");
  const [open, setOpen] = useState<string | null>(null);
  const acts = useActs(all.again);
  const shown = all.value?.projects.find((one) => one.project_id === open);
  if (shown !== undefined) {
    const close = () => { setOpen(null); };
    return <ProjectDesk key={shown.project_id} project={shown} schemas={schemas.value} again={all.again} close={close} />;
  }
  const make = async (body: unknown) => {
    const made = (await acts.act("POST", "/api/projects", body, () => t("projects.made"))) as Project | undefined;
    setOpen(made?.project_id ?? null);
  };
  return (
    <section>
      <h1>{t("page.projects")}</h1>
      <Waiting loaded={all} />
      <Outcome acts={acts} />
      {all.value?.projects.length === 0 && <p>{t("projects.none")}</p>}
      {all.value !== null && all.value.projects.length > 0 && <List projects={all.value.projects} open={setOpen} />}
      <NewProject schemas={schemas.value} busy={acts.busy} make={(body) => void make(body)} />
    </section>
  );
}

interface ListProps {
  readonly projects: readonly Project[];
  readonly open: (projectId: string) => void;
}

function List({ projects, open }: ListProps) {
  const head = [t("worklist.project"), t("projects.state"), t("projects.payer"), ...FIGURES.map((name) => t(`projects.${name}`))];
  return (
    <Table head={head}>
      {projects.map((project) => (
        <ProjectRow key={project.project_id} project={project} open={() => { open(project.project_id); }} />
      ))}
    </Table>
  );
}

function ProjectRow({ project, open }: { readonly project: Project; readonly open: () => void }) {
  const { value } = useLoaded<Progress>(`/api/projects/${project.project_id}/progress`);
  return (
    <tr>
      <td>
        <button type="button" class="link" onClick={open}>
          {project.title}
        </button>
      </td>
      <td>{t(`life.${project.state}`)}</td>
      <td>{project.payer || t("projects.no-payer")}</td>
      {FIGURES.map((name) => (
        <td key={name} class="figure">
          {value === null ? "" : number(value[name])}
        </td>
      ))}
    </tr>
  );
}
