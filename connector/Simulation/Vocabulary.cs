using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActivityConnector.Simulation;

/// <summary>The words that generated records are made of, each ready to stand inside a JSON string.</summary>
internal static class Vocabulary
{
    // Names as people have them: the escapes are part of the test data.
    public static readonly byte[][] People = Escaped(
        "Ciaran Lee", "Joe Example", "Aoife O'Brien", "Zoë Müller", "José García", "Łukasz Nowak", "山田 太郎", "Ольга Иванова", "Dwayne \"Dee\" Price",
        "Nguyễn Thị Hoa", "Fatima Al-Sayed", "Seán Ó Cathasaigh", "Marie-Claire Dubois", "Anders Åkesson", "Priya Raman", "Kwame Mensah", "Ana Souza",
        "Tom \\ Backslash", "Li Wei", "Grace Hopper");

    public static readonly byte[][] Words = Escaped(
        "Support", "Billing & Refunds", "VIP", "Onboarding", "Enterprise <EMEA>", "Spanish", "Nachtschicht", "Tier 2", "Trust/Safety", "Success");

    public static readonly byte[][] Titles = Escaped(
        "Welcome to Acme", "Your trial ends soon", "Q4 webinar 🎉", "Reset your password", "New: dark mode", "We’ve updated our terms", "Say \"hello\"");

    public static readonly byte[][] AwayReasons = Escaped("😌 On a break", "🍽️ At lunch", "📅 In a meeting", "🎯 Focus time", "Done for the day");

    public static readonly byte[][] SignInMethods = Escaped("email_password", "google_oauth", "saml", "okta_saml", "google_oauth", "saml");

    public static readonly byte[][] Apps = Escaped("Salesforce", "Slack", "Jira for Tickets", "Zapier", "GitHub", "HubSpot", "Acme internal \"tools\"");

    public static readonly byte[][] States = Escaped("live", "paused", "draft", "stopped", "archived");

    public static readonly byte[][] OddAddresses = Escaped(
        "", "unknown", "10.4.1.7", "203.0.113.9, 10.0.0.2", "127.0.0.1", "198.51.100.7:52114", "::ffff:192.0.2.33");

    public static byte[][] Addresses(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => i % 6 == 5
            ? System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"2001:db8:{i:x}::{(i * 7919) & 0xffff:x}"))
            : System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"203.0.{i % 200}.{(i * 37 % 250) + 1}"))),
    ];

    public static byte[][] Emails(int count, string domain) =>
        [.. Enumerable.Range(0, count).Select(i => System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"admin{i}@{domain}")))];

    // Half of the words with \u escapes, half as plain UTF-8: both are JSON.
    private static byte[][] Escaped(params string[] words) =>
    [
        .. words.Select((word, i) => JsonEncodedText.Encode(word, i % 2 == 0 ? JavaScriptEncoder.UnsafeRelaxedJsonEscaping : JavaScriptEncoder.Default)
            .EncodedUtf8Bytes.ToArray()),
    ];
}
