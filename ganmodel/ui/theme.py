"""The page's Gradio theme: quiet, small radius, system fonts, no external file."""

from gradio.themes import Base, Color, Size

# One meaning, one colour, everywhere; safe for colour-blind eyes (after Okabe and Ito).
# shared/page.css has the same as variables: reals green-blue, G and its pictures orange, D
# blue-violet.
VIOLET = Color(
    "#f3f2fd", "#e7e5fb", "#cfccf6", "#b0abee", "#8d86e3", "#6d64d6", "#574dc4", "#483fa5",
    "#3a3384", "#2e2968", "#1f1b47",
)  # fmt: skip
GREY = Color(
    "#f8f8fa", "#f0f0f3", "#e2e2e8", "#cdcdd6", "#9a9aa8", "#6c6c7a", "#51515d", "#3d3d48",
    "#282831", "#1c1c23", "#131318",
)  # fmt: skip
RADIUS = Size("2px", "3px", "4px", "6px", "6px", "8px", "10px", name="small")


def theme() -> Base:
    """A fresh theme; `launch` takes it."""
    return Base(
        primary_hue=VIOLET,
        secondary_hue=VIOLET,
        neutral_hue=GREY,
        radius_size=RADIUS,
        text_size="sm",
        font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"],
        font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"],
    ).set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        block_background_fill="white",
        block_background_fill_dark="*neutral_900",
        block_border_width="1px",
        block_shadow="none",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_text_color="white",
        block_info_text_color="*neutral_500",
        block_info_text_color_dark="*neutral_400",
    )
