// Light or dark as the system says, or as it was chosen here. A classic script, so that it runs before the first paint.
(() => {
  const key = 'activity-connector.theme';
  const root = document.documentElement;

  const read = () => {
    try {
      const theme = localStorage.getItem(key);
      return theme === 'light' || theme === 'dark' ? theme : '';
    } catch {
      return ''; // Storage can be forbidden.
    }
  };

  const apply = theme => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
  };

  apply(read());
  document.addEventListener('DOMContentLoaded', () => {
    const choice = document.getElementById('theme');
    choice.value = read();
    choice.addEventListener('change', () => {
      apply(choice.value);
      try {
        localStorage.setItem(key, choice.value);
      } catch {
        // The choice holds for this page then.
      }
    });
  });
})();
