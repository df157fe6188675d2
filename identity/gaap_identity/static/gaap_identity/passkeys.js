/* Passkeys: asks the browser for one and sends its answer with the form. Without JavaScript, or in a browser that knows
   no passkeys, the form stays hidden and the page offers its other ways. */

(function () {
  const form = document.querySelector("form[data-passkey]");
  const api = window.PublicKeyCredential;
  if (!form || !api || !api.parseCreationOptionsFromJSON || !api.parseRequestOptionsFromJSON) {
    return;
  }
  const problem = document.getElementById("passkey-problem");
  form.hidden = false;

  function ask(options) {
    return form.dataset.passkey === "create"
      ? navigator.credentials.create({ publicKey: api.parseCreationOptionsFromJSON(options) })
      : navigator.credentials.get({ publicKey: api.parseRequestOptionsFromJSON(options) });
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    problem.hidden = true;
    ask(JSON.parse(form.dataset.options)).then(
      function (credential) {
        form.elements.answer.value = JSON.stringify(credential);
        form.submit();
      },
      function () {
        problem.hidden = false;
        problem.focus();
      }
    );
  });
})();
