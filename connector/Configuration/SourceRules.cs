using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Sources.Http;

namespace ActivityConnector.Configuration;

/// <summary>The rules that hold for the options of any vendor.</summary>
internal sealed class SourceRules(string key, TimeProvider clock, ICollection<ConfigurationProblem> problems)
{
    private const string Form =
        "Write it as Quartz reads it, seconds first, in UTC: \"0/30 * * * * ?\" is every 30 seconds, \"0 30 3 * * ?\" is daily at 03:30.";

    /// <summary>The options that every account has.</summary>
    public void Check(ISourceOptions options)
    {
        Account(options.Account);
        BaseUrl(options.BaseUrl);
        Cron("Schedule", options.Schedule);
        Cron("SweepSchedule", options.SweepSchedule);
        StartFrom(options.StartAt);
        if (options.SweepRange <= options.Overlap)
        {
            Add(
                "SweepRange",
                $"A sweep over {options.SweepRange} finds nothing: each poll reads the last {options.Overlap} again by itself ({options.OverlapOption}).",
                $"Give a SweepRange that is longer, for example 7d, or a shorter {options.OverlapOption}.");
        }
    }

    private void Account(string? account)
    {
        if (account is not null && !SourceKey.IsName(account))
        {
            Add(
                "Account",
                $"\"{account}\" cannot be the name of an account.",
                "Use at most 64 letters, digits, '.', '-' and '_', with a letter or digit among them.");
        }
    }

    private void BaseUrl(string text)
    {
        if (!VendorAddress.TryParse(text, out _, out var error)) Add("BaseUrl", error, "Give the https address of the vendor's API.");
    }

    /// <summary>Notes something that does not keep the connector from running.</summary>
    public void Warn(string name, string cause, string fix) => problems.Add(new($"{key}:{name}", cause, fix, IsWarning: true));

    private void Cron(string name, string expression)
    {
        if (CronText.Problem(expression) is { } trouble)
        {
            Add(
                name,
                $"\"{expression}\" is not a schedule: {trouble.TrimEnd('.')}.",
                Form);
        }
        else if (CronText.Next(expression, clock.GetUtcNow()) is null)
        {
            Add(name, $"\"{expression}\" never fires: there is no such day, or it is past.", Form);
        }
    }

    private void StartFrom(string? text)
    {
        if (!StartAt.TryParse(text, clock.GetUtcNow(), out _, out var error))
        {
            Add("StartAt", error!, "Write 2026-01-31T00:00:00Z, or -30d for 30 days ago; leave it out to read as far back as the vendor goes.");
        }
    }

    private void Add(string name, string cause, string fix) => problems.Add(new($"{key}:{name}", cause, fix));
}
