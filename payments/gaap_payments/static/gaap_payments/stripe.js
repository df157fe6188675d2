/* Draws Stripe's own card fields into the page and sends what is typed there to Stripe, never to us. */

const form = document.querySelector("#provider-form");
const { key, secret, account, returnUrl, locale, mayRetry } = form.dataset;
const stripe = Stripe(key, account ? { stripeAccount: account, locale } : { locale });
const elements = stripe.elements({ clientSecret: secret });
const button = form.querySelector("button");
const problem = document.querySelector("#provider-problem");

function payer() {
  const data = form.dataset;
  const address = {
    line1: data.payerLine1,
    line2: data.payerLine2,
    city: data.payerCity,
    postal_code: data.payerPostcode,
    country: data.payerCountry,
  };
  const known = data.payerLine1 ? { address } : {};
  return { name: data.payerName, email: data.payerEmail, ...known };
}

async function pay(event) {
  event.preventDefault();
  button.disabled = true;
  problem.textContent = "";
  const confirmParams = { return_url: returnUrl, payment_method_data: { billing_details: payer() } };
  const { error } = await stripe.confirmPayment({ elements, confirmParams });
  const isForUs = error.type !== "validation_error" && mayRetry === "no";
  if (isForUs || error.type === "invalid_request_error") {
    window.location.assign(returnUrl);
    return;
  }
  problem.textContent = error.message;
  button.disabled = false;
}

elements.create("payment", { fields: { billingDetails: { name: "auto" } } }).mount("#provider-fields");
form.addEventListener("submit", pay);
form.hidden = false;
