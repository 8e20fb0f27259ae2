/** The case being read: its sheet, the frame that is shown, the question that keys answer, and the way to the node. */
import { batch, computed, effect, signal } from "@preact/signals";

import { frame, get, send } from "../api/client";
import type { Choice } from "../model/answers";
import { answersOf, choicesOf, choose } from "../model/answers";
import type { Draft } from "../model/draft";
import { thingOf } from "../model/draft";
import type { Asked, Form } from "../model/slots";
import { asked, faultOf, offered, open } from "../model/slots";
import type { Assignment, DeclineReason, Plane, Planes, Seeing } from "../model/types";
import { inSpace } from "../viewer/slice";
import type { Frame } from "../viewer/window";
import { allSaved, change, closeDraft, draft, openDraft } from "./draft";
import { FrameShelf } from "./frames";
import { expired, person } from "./session";

/** One frame of one image of the case. */
export interface Spot {
  readonly image: string;
  readonly frame: number;
}

export const assignment = signal<Assignment | null>(null);
export const planes = signal<ReadonlyMap<string, Plane>>(new Map());
export const film = signal<Frame | null>(null);
export const filmTrouble = signal<unknown>(null);
/** Which spot the film shows: while another is on its way, still the one before. */
export const filmAt = signal<number | null>(null);
/** The images of the case in the order they are leafed through: as they lie, once it is known where. */
const ordered = computed(() => inSpace(assignment.value?.images ?? [], planes.value));
export const spots = computed<readonly Spot[]>(() =>
  ordered.value.flatMap(({ image_id, frames }) =>
    Array.from({ length: frames }, (_, index) => ({ image: image_id, frame: index + 1 })),
  ),
);
export const at = signal(0);
/** While something is made on the image with the button held, no other image is asked for. */
export const holding = signal(false);
export const spot = computed<Spot | null>(() => spots.value[at.value] ?? null);
export const form = computed<Form | null>(() => {
  const sheet = assignment.value;
  return sheet === null ? null : { schema: sheet.schema, images: sheet.images, draft: draft.value };
});
/** The mark that is taken hold of. */
export const selected = signal<string | null>(null);
/** The thing it shows: questions about it are shown. */
export const selectedThing = computed(() => {
  const name = selected.value;
  const mark = name === null ? undefined : draft.value.marks[name];
  return name === null || mark === undefined ? null : thingOf(name, mark);
});
const pointed = signal<string | null>(null);
/** What is asked of the case, of what is shown of it, and of the mark in hand. */
export const here = computed<readonly Asked[]>(() => {
  const [now, place] = [form.value, spot.value];
  if (now === null || place === null) {
    return [];
  }
  const order = now.schema.questions.map(({ code }) => code);
  return [...asked(now).filter(isHere), ...offered(now, place.image, place.frame)].sort(
    (one, other) => order.indexOf(one.question.code) - order.indexOf(other.question.code),
  );
});
/** What is open, but about something else than is shown. */
export const elsewhere = computed(() => (form.value === null ? [] : open(form.value).filter((one) => !isHere(one))));
/** What keys answer: where the reader is, or else the first thing here that is open, or the last of all. */
export const current = computed<Asked | null>(() => {
  const left = form.value === null ? [] : open(form.value).map(({ key }) => key);
  const all = here.value;
  return all.find(({ key }) => key === pointed.value) ?? all.find(({ key }) => left.includes(key)) ?? all.at(-1) ?? null;
});

function isHere({ slot }: Asked): boolean {
  const place = spot.value;
  const seriesOf = (image: string) => assignment.value?.images.find(({ image_id }) => image_id === image)?.series;
  const question = assignment.value?.schema.questions.find(({ code }) => code === slot.question);
  const image =
    slot.image === undefined ||
    slot.image === place?.image ||
    (question?.level === "series" && place !== null && seriesOf(slot.image) === seriesOf(place.image));
  return image && (slot.frame === undefined || slot.frame === place?.frame) && (slot.mark ?? selectedThing.value) === selectedThing.value;
}

interface Attempt {
  readonly draft: Draft;
  readonly key: string;
  readonly body: unknown;
}

const held = new FrameShelf(frame);
let openedAt = 0;
let attempt: Attempt | null = null;

/** The next case of a project is open; false when none is left. */
export async function nextCase(projectId: string): Promise<boolean> {
  const next = (await send("POST", "/api/assignments", { project_id: projectId })) as Assignment | null;
  closeCase();
  if (next !== null) {
    openCase(next);
  }
  return next !== null;
}

/** The case is in this window: its first frame is asked for, its draft is opened. */
export function openCase(sheet: Assignment): void {
  assignment.value = sheet;
  openedAt = performance.now();
  openDraft(sheet.assignment_id);
  void loadPlanes(sheet.assignment_id);
  void goTo(0);
}

/** Nothing of a case is left in this window. */
export function closeCase(): void {
  closeDraft();
  held.clear();
  assignment.value = null;
  planes.value = new Map();
  film.value = null;
  filmAt.value = null;
  filmTrouble.value = null;
  at.value = 0;
  pointed.value = null;
  selected.value = null;
  attempt = null;
}

/** Another frame is shown as soon as it is here; its neighbours are asked for meanwhile. */
export async function goTo(index: number): Promise<void> {
  const wanted = holding.value ? at.value : Math.min(spots.value.length - 1, Math.max(0, index));
  at.value = wanted;
  const path = pathOf(wanted);
  if (path === null) {
    return;
  }
  try {
    const shown = await held.get(path);
    if (pathOf(at.value) === path) {
      batch(() => {
        film.value = shown;
        filmAt.value = at.value;
        filmTrouble.value = null;
      });
    }
    held.ahead([1, 2, -1].map((step) => pathOf(wanted + step)));
  } catch (refusal) {
    if (pathOf(at.value) === path) {
      filmTrouble.value = refusal;
    }
  }
}

export function goToSpot(image: string, frameNumber: number): void {
  void goTo(spots.value.findIndex((one) => one.image === image && one.frame === frameNumber));
}

function pathOf(index: number): string | null {
  const [sheet, wanted] = [assignment.value, spots.value[index]];
  return sheet === null || wanted === undefined
    ? null
    : `/api/assignments/${sheet.assignment_id}/images/${wanted.image}/frames/${wanted.frame}`;
}

async function loadPlanes(assignmentId: string): Promise<void> {
  try {
    const found = (await get(`/api/assignments/${assignmentId}/planes`)) as Planes;
    if (assignment.value?.assignment_id === assignmentId) {
      place(new Map(found.planes.map((plane) => [plane.image_id, plane])));
    }
  } catch {
    planes.value = new Map(); // the page says that it knows no scale
  }
}

/** Where the images lie is known: whoever has not leafed on sees the first, everybody else what they saw. */
function place(found: ReadonlyMap<string, Plane>): void {
  const [wanted, seen] = [spot.value, spots.value[filmAt.value ?? -1]];
  const began = at.value === 0;
  batch(() => {
    planes.value = found;
    const placeOf = (one: Spot | null | undefined) => spots.value.findIndex(({ image, frame: number }) => image === one?.image && number === one.frame);
    at.value = began ? 0 : Math.max(0, placeOf(wanted));
    filmAt.value = seen === undefined ? null : placeOf(seen);
  });
  if (!isSettled.value) {
    void goTo(at.value);
  }
}

/** Keys answer this question from now on. */
export function pointTo(key: string | null): void {
  pointed.value = key;
}

/** A choice is made; once its question is answered, keys answer what is open next, here or else elsewhere. */
export function pick(one: Asked, choice: Choice): void {
  if (form.value === null) {
    return;
  }
  change(choose(form.value, one, choice));
  pointed.value = one.key;
  const several = one.question.kind === "multi" && choice.kind === "option";
  if (!several && faultOf(form.value, one) === null) {
    moveOn();
  }
}

/** What a choice key means at the current question. */
export function choiceAt(index: number): { readonly one: Asked; readonly choice: Choice } | null {
  const one = current.value;
  const choice = one === null ? undefined : choicesOf(one.question)[index];
  return one === null || choice === undefined ? null : { one, choice };
}

/** Keys answer the question so many further on. */
export function moveBy(step: number): void {
  const index = here.value.findIndex(({ key }) => key === current.value?.key);
  pointed.value = here.value[Math.min(here.value.length - 1, Math.max(0, index + step))]?.key ?? null;
}

/** Keys answer what is open next here, or else elsewhere, and what it is about is shown; false when nothing is open. */
export function moveOn(): boolean {
  const next = form.value === null ? undefined : nextOf(open(form.value), current.value);
  if (next !== undefined) {
    pointed.value = next.key;
    showWhatFor(next);
  }
  return next !== undefined;
}

/** What is open of the same mark, then of the other marks of its question, then here from there on, then anywhere. */
function nextOf(left: readonly Asked[], from: Asked | null): Asked | undefined {
  const keys = here.value.map(({ key }) => key);
  const start = keys.indexOf(from?.key ?? "");
  const near = left.filter(({ key }) => keys.includes(key));
  const mark = from?.slot.mark;
  const alike = mark === undefined ? [] : left.filter(({ question }) => question.per_mark === from?.question.per_mark);
  const ofMark = alike.find(({ slot }) => slot.mark === mark) ?? alike[0];
  return ofMark ?? near.find(({ key }) => keys.indexOf(key) > start) ?? near[0] ?? left[0];
}

function showWhatFor(one: Asked): void {
  const { mark, image, frame } = one.slot;
  if (isHere(one)) {
    return;
  }
  const shown = Object.entries(draft.value.marks).find(([name, drawn]) => mark !== undefined && thingOf(name, drawn) === mark);
  if (shown !== undefined) {
    goToSpot(shown[1].image_id, shown[1].frame);
    selected.value = shown[0];
  } else if (image !== undefined) {
    goToSpot(image, frame ?? 1);
  }
}

/** What is drawn belongs to the film that is seen. */
export const isSettled = computed(() => film.value !== null && filmAt.value === at.value);

export const canSubmit = computed(() => form.value !== null && film.value !== null && open(form.value).length === 0);

/** What was done is not yet with the node, so the reading cannot be. */
export class NotAllSaved extends Error {}

/** The reading is with the node, with how it was seen. Asked again after a lost answer, it is the same request and changes nothing. */
export async function submit(how: Seeing): Promise<void> {
  const [sheet, whole] = [assignment.value, form.value];
  if (sheet === null || whole === null) {
    return;
  }
  if (!(await allSaved())) {
    throw new NotAllSaved();
  }
  if (attempt?.draft !== whole.draft) {
    const seconds_active = Math.round((performance.now() - openedAt) / 1000);
    attempt = { draft: whole.draft, key: crypto.randomUUID(), body: { answers: answersOf(whole), seconds_active, ...how } };
  }
  await send("POST", `/api/assignments/${sheet.assignment_id}/reading`, attempt.body, { "Idempotency-Key": attempt.key });
}

export async function decline(reason: DeclineReason): Promise<void> {
  if (assignment.value !== null) {
    await send("POST", `/api/assignments/${assignment.value.assignment_id}/decline`, { reason });
  }
}

effect(() => {
  if (person.value === null) {
    closeCase();
  }
});
effect(() => {
  if (!expired.value && filmTrouble.peek() !== null) {
    void goTo(at.peek());
  }
});
