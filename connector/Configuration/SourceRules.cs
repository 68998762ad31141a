using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using ActivityConnector.Scheduling;

namespace ActivityConnector.Configuration;

/// <summary>The rules that hold for the options of any vendor.</summary>
internal sealed partial class SourceRules(string key, string workingDirectory, TimeProvider clock, ICollection<ConfigurationProblem> problems)
{
    public void Secret(string name, string? value, string? file)
    {
        if (string.IsNullOrEmpty(file))
        {
            return;
        }

        if (!string.IsNullOrEmpty(value))
        {
            Add(name, $"{name} and {name}File are both given.", "Keep one of them.");
            return;
        }

        SecretFile.Check($"{key}:{name}File", file, workingDirectory, problems);
    }

    public void Given(string name, string? value, string? file)
    {
        if (string.IsNullOrWhiteSpace(value) && string.IsNullOrEmpty(file))
        {
            Add(name, "It is missing.", $"Give it, or set {key}:Enabled to false.");
        }
    }

    public void Account(string? account)
    {
        if (account is not null && !AccountName().IsMatch(account))
        {
            Add("Account", $"\"{account}\" cannot be the name of an account.", "Use at most 64 letters, digits, '.', '-' and '_'.");
        }
    }

    public void BaseUrl(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http"))
        {
            Add("BaseUrl", $"\"{text}\" is not a web address.", "Give one that begins with https://.");
        }
        else if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            Add("BaseUrl", "It holds more than a host and a path.", "Take out user, password, query and fragment.");
        }
        else if (url.Scheme == "http" && !IsLoopback(url))
        {
            Add("BaseUrl", $"{url.GetLeftPart(UriPartial.Authority)} would carry the credential unencrypted.", "Use https://; plain http is for loopback only.");
        }
    }

    /// <summary>Sequence answers below <c>/api</c>; without it its web pages do, with 200 and HTML.</summary>
    public void ApiPath(string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && !IsLoopback(url) && !url.AbsolutePath.TrimEnd('/').EndsWith("/api", StringComparison.Ordinal))
        {
            problems.Add(new($"{key}:BaseUrl", "The path does not end in /api.", "Sequence's API is at https://eu.sequencehq.com/api or https://sandbox.sequencehq.com/api.", IsWarning: true));
        }
    }

    public void Matches(string name, string text, Regex pattern, string fix)
    {
        if (!pattern.IsMatch(text))
        {
            Add(name, $"\"{text}\" is not a version.", fix);
        }
    }

    public void Cron(string name, string? expression)
    {
        if (!string.IsNullOrEmpty(expression) && CronText.Problem(expression) is { } trouble)
        {
            Add(name, $"\"{expression}\" is not a schedule: {trouble.TrimEnd('.')}.", "Write it as Quartz reads it, seconds first, in UTC: \"0/30 * * * * ?\" is every 30 seconds.");
        }
    }

    public void Between(string name, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
        {
            Add(name, $"{value:c} is out of range.", $"Give a duration between {least:c} and {most:c}.");
        }
    }

    public void StartAt(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        var time = Ago().Match(text) is { Success: true } ago
            ? clock.GetUtcNow().AddDays(-int.Parse(ago.Groups[1].ValueSpan, CultureInfo.InvariantCulture))
            : OptionTypes.Time(text);
        if (time is null)
        {
            Add("StartAt", $"\"{text}\" is neither a time nor a number of days.", "Write 2026-01-31T00:00:00Z, or -30d for 30 days ago.");
        }
        else if (time > clock.GetUtcNow())
        {
            Add("StartAt", $"{text} is in the future.", "Give a time in the past, or leave it out to read as far back as the vendor goes.");
        }
    }

    private void Add(string name, string cause, string fix) => problems.Add(new($"{key}:{name}", cause, fix));

    private static bool IsLoopback(Uri url) =>
        url.Host == "localhost" || (IPAddress.TryParse(url.DnsSafeHost, out var address) && IPAddress.IsLoopback(address));

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}$")]
    private static partial Regex AccountName();

    [GeneratedRegex(@"^-(\d{1,5})d$")]
    private static partial Regex Ago();
}
