/** How long the side of a volume may be in this browser's textures; none without WebGL 2. Asked anew each time: a driver may be gone since. */
export function mostSide(): number | null {
  const context = document.createElement("canvas").getContext("webgl2");
  if (context === null) {
    return null;
  }
  const most = Number(context.getParameter(context.MAX_3D_TEXTURE_SIZE));
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return most;
}
