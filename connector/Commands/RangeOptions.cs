using System.CommandLine;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary>What <c>backfill start</c> and <c>sweep</c> are asked for.</summary>
internal sealed class RangeOptions
{
    private readonly Option<string> _source = new("--source")
    {
        Description = "intercom, sequence, or vendor/account.",
        HelpName = "SOURCE",
        Required = true,
    };

    private readonly Option<DateTimeOffset?> _from;
    private readonly Option<DateTimeOffset?> _to;
    private readonly TimeProvider _clock;

    private readonly Option<bool> _publishAgain = new("--publish-again")
    {
        Description = "Also where a journal in Kafka may have forgotten what was collected of the range: that is published a second time.",
    };

    private readonly Option<bool> _here = new("--here")
    {
        Description = "With a journal in Kafka and no running connector at Admin:Url: read it in this process. That takes the source over from any connector "
            + "that runs elsewhere, and both then take it from each other until one ends.",
    };

    public RangeOptions(Shell shell)
    {
        _clock = shell.Terminal.Clock;
        _from = TimeOption.Create("--from", "Records of this time or later.", _clock);
        _to = TimeOption.Create("--to", "Records before this time.", _clock);
        _from.Required = _to.Required = true;
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _source, _from, _to, _publishAgain, _here }) command.Add(option);

        TimeOption.InOrder(command, _from, _to, _clock);
    }

    public string Source(ParseResult parse) => parse.GetRequiredValue(_source);

    /// <summary>Whether this process may take the source over.</summary>
    public bool Here(ParseResult parse) => parse.GetValue(_here);

    public RangeRequest Request(ParseResult parse, RangeKind kind) => new(RangeRequest.NewId(), kind, Second(parse, _from), Second(parse, _to))
    {
        PublishesAgain = parse.GetValue(_publishAgain),
    };

    private static DateTimeOffset Second(ParseResult parse, Option<DateTimeOffset?> option) =>
        DateTimeOffset.FromUnixTimeSeconds(parse.GetRequiredValue(option)!.Value.ToUnixTimeSeconds());
}
