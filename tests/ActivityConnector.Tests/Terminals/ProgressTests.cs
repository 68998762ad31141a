using System.Globalization;
using System.Text;
using ActivityConnector.Terminals;
using ActivityConnector.Tests.Shared;
using FsCheck;
using FsCheck.Fluent;

namespace ActivityConnector.Tests.Terminals;

/// <summary>What is told while work goes on, to a person at a terminal and to a log.</summary>
public sealed class ProgressTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly Screen _screen = new();
    private readonly CollectingLogger<Progress> _log = new();

    [Fact]
    public async Task At_a_terminal_it_is_a_bar_with_how_far_how_fast_and_how_long_which_is_gone_at_the_end()
    {
        var status = new StatusLine(_screen);
        await using (Progress.Start(Of(status), "events sent", () => new(250, 0.25)))
        {
            await _time.NextTimerAsync();
            _time.Advance(TimeSpan.FromSeconds(10));
            await _screen.HasAsync("[#####...............] 250 events sent, 25/s, about 30 s left (25 %)");
            status.WriteLine("a line of the log");
        }

        Assert.Equal(["a line of the log", ""], _screen.Lines);
    }

    [Fact]
    public async Task Where_the_whole_is_not_known_it_says_for_how_long_it_goes()
    {
        await using (Progress.Start(Of(new StatusLine(_screen)), "events sent", () => new(250)))
        {
            await _time.NextTimerAsync();
            _time.Advance(TimeSpan.FromSeconds(130));
            await _screen.HasAsync("250 events sent, 2/s, for 2 min");
        }
    }

    [Fact]
    public async Task Elsewhere_it_is_a_line_a_minute()
    {
        var done = 0;
        await using (Progress.Start(Of(null), "events sent", () => new(done += 600), _log))
        {
            for (var minute = 0; minute < 2; minute++)
            {
                await _time.NextTimerAsync();
                _time.Advance(TimeSpan.FromMinutes(1));
                await _log.SeenAsync($"{done} events sent, ");
            }
        }

        Assert.Equal(
            ["600 events sent, 10 a second, for 60 s.", "1200 events sent, 10 a second, for 2 min."], _log.Lines.Select(line => line.Text));
        Assert.Null(Progress.StartBesideOutput(Of(null), "events written", () => default));
    }

    [Fact]
    public async Task Work_goes_on_where_standard_error_cannot_be_written()
    {
        var status = new StatusLine(new ClosedWriter());
        await using var progress = Progress.Start(Of(status), "events sent", () => new(1));
        await _time.NextTimerAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Whatever_is_written_between_each_line_is_whole_and_the_last_line_stays_the_last() => Prop.ForAll(
            Gen.ListOf(Gen.Elements("status", "one line\n", "two\nlines\n", "the beginning, ", "\n", "c")).ToArbitrary(),
            steps =>
            {
                var (screen, plain) = (new Screen(), new StringBuilder());
                var status = new StatusLine(screen);
                var shown = 0;
                foreach (var step in steps)
                {
                    if (step == "status")
                    {
                        status.Show($"bar {++shown}");
                    }
                    else
                    {
                        status.Write(step);
                        plain.Append(step);
                    }
                }

                status.Write("\n");
                plain.Append('\n');
                Assert.Equal([.. plain.ToString().Split('\n')[..^1], shown > 0 ? $"bar {shown}" : ""], screen.Lines);
                status.Show("");
                Assert.Equal(plain.ToString().Split('\n'), screen.Lines);
            })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private Terminal Of(StatusLine? status) => new()
    {
        In = Stream.Null,
        Out = TextWriter.Null,
        OutBytes = Stream.Null,
        Error = status ?? TextWriter.Null,
        Status = status,
        IsInteractive = false,
        CanAsk = false,
        Environment = new Dictionary<string, string>(),
        WorkingDirectory = ".",
        Clock = _time,
    };

    /// <summary>What a terminal shows after what was written, as far as a line that changes needs it.</summary>
    private sealed class Screen : TextWriter
    {
        private readonly Lock _gate = new();
        private readonly List<StringBuilder> _lines = [new()];
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _column;
        private string _escape = "";

        public override Encoding Encoding => Encoding.UTF8;

        public string[] Lines
        {
            get
            {
                lock (_gate)
                {
                    return [.. _lines.Select(line => line.ToString())];
                }
            }
        }

        public async Task HasAsync(string line)
        {
            while (true)
            {
                Task changed;
                lock (_gate)
                {
                    if (_lines.Any(l => l.ToString() == line)) return;

                    changed = _changed.Task;
                }

                await changed.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System);
            }
        }

        public override void Write(char value)
        {
            lock (_gate)
            {
                Take(value);
                _changed.SetResult();
                _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        private void Take(char value)
        {
            if (value == '\u001b' || _escape.Length > 0)
            {
                _escape += value;
                if (_escape != "\u001b[K") return;

                _lines[^1].Length = _column;
                _escape = "";
            }
            else if (value == '\r')
            {
                _column = 0;
            }
            else if (value == '\n')
            {
                _lines.Add(new());
                _column = 0;
            }
            else
            {
                _lines[^1].Length = Math.Max(_lines[^1].Length, _column + 1);
                _lines[^1][_column++] = value;
            }
        }
    }

    private sealed class ClosedWriter : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => throw new IOException(string.Create(CultureInfo.InvariantCulture, $"Bad file descriptor: {value}"));
    }
}
