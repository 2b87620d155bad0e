// Dark or light. A classic script in the head, so that the page is never painted in the wrong theme.
(() => {
  const key = 'rusty-audio-theme';
  const systemDark = matchMedia('(prefers-color-scheme: dark)');
  const root = document.documentElement;

  function chosen() {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage is blocked: the system's preference stands
    }
  }

  function apply() {
    const theme = chosen() ?? (systemDark.matches ? 'dark' : 'light');
    root.dataset.theme = theme;
    document.getElementById('theme-button')?.setAttribute('aria-pressed', String(theme === 'dark'));
    dispatchEvent(new Event('themechange'));
  }

  function toggle() {
    const theme = root.dataset.theme === 'dark' ? 'light' : 'dark';
    const systemTheme = systemDark.matches ? 'dark' : 'light';
    try {
      // Back at the system's theme, the page follows the system again.
      if (theme === systemTheme) localStorage.removeItem(key);
      else localStorage.setItem(key, theme);
    } catch {
      root.dataset.theme = theme;
    }
    apply();
  }

  apply();
  systemDark.addEventListener('change', apply);
  document.addEventListener('DOMContentLoaded', () => {
    document.getElementById('theme-button')?.addEventListener('click', toggle);
    apply();
  });
})();
