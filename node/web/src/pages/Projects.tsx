import type { Progress, Project, Projects as AllProjects } from "../model/types";
import { t } from "../texts";
import { number, Table, Trouble, useLoaded } from "./loading";

const FIGURES = ["cases", "holdout", "readings", "closed", "waiting"] as const;

export function Projects() {
  const { value, error } = useLoaded<AllProjects>("/api/projects");
  return (
    <section>
      <h1>{t("page.projects")}</h1>
      <Trouble text={error} />
      {value?.projects.length === 0 && <p>{t("projects.none")}</p>}
      {value !== null && value.projects.length > 0 && (
        <Table head={[t("worklist.project"), ...FIGURES.map((name) => t(`projects.${name}`))]}>
          {value.projects.map((project) => (
            <ProjectRow key={project.project_id} project={project} />
          ))}
        </Table>
      )}
    </section>
  );
}

function ProjectRow({ project }: { readonly project: Project }) {
  const { value } = useLoaded<Progress>(`/api/projects/${project.project_id}/progress`);
  return (
    <tr>
      <td>{project.title}</td>
      {FIGURES.map((name) => (
        <td key={name} class="figure">
          {value === null ? "" : number(value[name])}
        </td>
      ))}
    </tr>
  );
}
