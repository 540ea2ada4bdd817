// Airflow keeps the colours that were chosen in its menu in localStorage, which its frame shares; else the system's count.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");

  function choose() {
    let chosen = null;
    try {
      chosen = localStorage.getItem("theme");
    } catch {
      // storage is closed to us: the system's colours it is
    }
    const theme = chosen === "dark" || chosen === "light" ? chosen : system.matches ? "dark" : "light";
    if (document.documentElement.dataset.theme === theme) return;
    document.documentElement.dataset.theme = theme;
    document.dispatchEvent(new Event("themechange"));
  }

  choose();
  system.addEventListener("change", choose);
  addEventListener("storage", choose);
})();
