// What the kiosk says to a form; a page instead of an answer is its question for the PIN.
export async function ask(address, fields) {
  try {
    const response = await fetch(address, { method: "POST", body: fields });
    if (response.headers.get("content-type")?.startsWith("application/json")) return await response.json();
    return { message: "Your visit has ended. What you typed is still here: see the effect, and enter the PIN." };
  } catch {
    return { message: "The kiosk cannot be reached. What you typed is still here." };
  }
}
