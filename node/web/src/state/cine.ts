/** The images of a series one after the other, each once it is here, round and round. */
import { effect, signal } from "@preact/signals";

import { assignment, at, goTo, spots } from "./reading";

export const LEAST_RATE = 1;
export const MOST_RATE = 30;
/** Frames a second. */
export const rate = signal(10);
export const running = signal(false);

let timer: ReturnType<typeof setTimeout> | undefined;
/** Which play this is: what an earlier one still waits for starts nothing. */
let play = 0;

export function playOrStop(): void {
  if (running.value) {
    stop();
  } else if (spots.value.length > 1) {
    running.value = true;
    play += 1;
    soon(play);
  }
}

export function stop(): void {
  running.value = false;
  clearTimeout(timer);
}

function soon(of: number): void {
  timer = setTimeout(() => void onward(of), 1000 / rate.value);
}

async function onward(of: number): Promise<void> {
  await goTo(following(at.value));
  if (running.value && of === play) {
    soon(of);
  }
}

/** The next spot of the same series; after the last, the first. */
function following(from: number): number {
  const seriesOf = (index: number) => assignment.value?.images.find(({ image_id }) => image_id === spots.value[index]?.image)?.series;
  const own = spots.value.flatMap((_, index) => (seriesOf(index) === seriesOf(from) ? [index] : []));
  return own.find((index) => index > from) ?? own[0] ?? from;
}

effect(() => {
  if (assignment.value === null) {
    stop();
  }
});
