/** What the node's API answers about courses and exams, under the words the page uses. */
import type { components } from "../api/schema";

type Api = components["schemas"];

export type Asked = Api["AskedView"];
export type AuthoredCourse = Api["AuthoredCourseView"];
export type AuthoredCourses = Api["AuthoredCoursesView"];
export type CourseBlock = Api["BlockView"];
export type CourseModule = Api["ModuleView"];
export type CourseRow = Api["CourseRowView"];
export type CourseRows = Api["CourseRowsView"];
export type Course = Api["CourseView"];
export type Drawing = Api["Drawing"];
export type Examined = Api["ExaminedPeopleView"];
export type ExamQuestion = Api["ExamQuestionView"];
export type ExamResult = Api["ExamResultView"];
export type ExamSheet = Api["ExamSheetView"];
export type Feedback = Api["FeedbackView"];
export type GoldSources = Api["GoldSourcesView"];
export type OwnResults = Api["OwnResultsView"];
export type PersonResults = Api["PersonResultsView"];
export type Rate = Api["RightShareView"];
export type Showing = Api["ShowingView"];

/** A share and its interval as whole per cent: the interval never narrower than it is. */
export function percents(rate: Rate): { readonly share: number; readonly low: number; readonly high: number } {
  return { share: Math.round(100 * rate.share), low: Math.floor(100 * rate.low), high: Math.ceil(100 * rate.high) };
}

/** Whole minutes until a moment, the one that has begun counted; none after it. */
export function minutesLeft(until: string, now: number): number {
  return Math.max(0, Math.ceil((new Date(until).getTime() - now) / 60_000));
}
