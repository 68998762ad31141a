using ActivityConnector.Pipeline;

namespace ActivityConnector.Sources.Http;

/// <summary>A credential: a fixed value, or the content of a file that may be replaced at any time.</summary>
/// <remarks>Thread-safe. Never shows its value: <see cref="ToString"/> does not contain it.</remarks>
public sealed class Secret
{
    private readonly string? _value;
    private readonly string? _file;
    private readonly string _option;

    /// <param name="value">The value itself; used when no file is given.</param>
    /// <param name="file">A file whose content, without white space around it, is the value (<see cref="SecretFile"/>).</param>
    /// <param name="option">The option's full key, for messages.</param>
    public Secret(string? value, string? file, string option)
    {
        _value = value;
        _file = string.IsNullOrWhiteSpace(file) ? null : file;
        _option = option;
    }

    /// <summary>False when neither a value nor a file is configured.</summary>
    public bool IsConfigured => _file is not null || !string.IsNullOrWhiteSpace(_value);

    /// <summary>Where the value is, for the middle of a sentence: the option, or its file when that is the one in use.</summary>
    public string Place => _file is null ? _option : $"the file of {_option}File";

    /// <summary>The value of this moment.</summary>
    /// <exception cref="SourceRefusedException">There is none, or its file cannot be used.</exception>
    public string Current()
    {
        // Read for each request instead of watched: in Kubernetes the file is a link through a link, whose own time never changes.
        var value = (_file is null ? _value : Read(_file))?.Trim();
        return !string.IsNullOrEmpty(value) ? value
            : _file is null ? throw new SourceRefusedException($"{_option} is empty.", $"Set {_option}, or {_option}File to a file that holds it.")
            : throw new SourceRefusedException($"The file of {_option}File is empty.", "Write the secret into it, in one line.");
    }

    public override string ToString() => $"{_option} (secret)";

    private string Read(string file)
    {
        try
        {
            return SecretFile.Read(file, _option + "File", SecretKind.Token);
        }
        catch (SecretFileException e)
        {
            throw new SourceRefusedException(e.Message, e.Fix, e);
        }
    }
}
