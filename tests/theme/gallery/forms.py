"""One form with every kind of field."""

from django import forms

from gaap.theme.fields import DatePartsField, DatePartsWidget, HintedRadioSelect

WAYS = [("post", "By post"), ("text", "By text message"), ("email", "By email")]


class EmailForm(forms.Form):
    email = forms.EmailField(
        label="What is your email address?",
        help_text="We will send a code to this address to make sure that it is yours.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class EverythingForm(forms.Form):
    full_name = forms.CharField(label="Full name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    born = DatePartsField(
        label="Date of birth", help_text="For example, 27 3 1987", widget=DatePartsWidget(autocomplete="bday")
    )
    way = forms.ChoiceField(
        label="How should we reach you?",
        choices=WAYS,
        widget=HintedRadioSelect(hints={"post": "This takes up to five working days"}),
    )
    topics = forms.MultipleChoiceField(
        label="What may we write to you about?", choices=WAYS, widget=forms.CheckboxSelectMultiple
    )
    country = forms.ChoiceField(label="Country", choices=[("", ""), ("vn", "Việt Nam"), ("cy", "Cymru")])
    amount = forms.CharField(
        label="Amount", widget=forms.TextInput(attrs={"class": "gaap-input--5", "inputmode": "decimal"})
    )
    letter = forms.FileField(label="Letter", required=False)
    message = forms.CharField(label="Message", widget=forms.Textarea(attrs={"rows": 4}), required=False)
    password = forms.CharField(label="Password", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    agrees = forms.BooleanField(label="I have read the terms")
    page = forms.CharField(widget=forms.HiddenInput, initial="everything", required=False)

    def clean(self) -> dict[str, object]:
        raise forms.ValidationError("These answers do not fit together")
